//! A key as one would write it.

use super::{
    entry::NAME,
    form::{toml_text, Form},
    known_keys, sample, Entry,
};
use crate::diagnostic::{KeyPath, Segment};
use serde_json::Value;

impl Entry {
    /// The lines that set the key, the header of its table above it, with the value that the annotated sample
    /// has for it. A name that is free is that of the sample. None for a table, whose keys have
    /// lines of their own, and for an item of a list, which is written with the list.
    #[must_use]
    pub fn example(&self) -> Option<String> {
        let is_item = matches!(self.key().segments().last(), Some(Segment::Index(_)));
        if is_item || Form::of(self.schema()) != Form::Inline {
            return None;
        }
        let complete = serde_json::to_value(sample::complete()).ok()?;
        let mut names = self.key().segments().to_vec();
        let value = find(&KeyPath::root(), &complete, &mut names)?.clone();
        let mut header = KeyPath::root();
        let (mut is_list, mut name) = (false, KeyPath::root());
        for (at, segment) in names.iter().enumerate() {
            match segment {
                // Within what is written in one line, keys have dots between them.
                Segment::Key(key) if name != KeyPath::root() || at + 1 == names.len() => name = name.key(key),
                Segment::Key(key) => {
                    let inner = header.key(key);
                    let is_table = Self::of(&inner).is_some_and(|entry| Form::of(entry.schema()) != Form::Inline);
                    if is_table {
                        header = inner;
                    } else {
                        name = name.key(key);
                    }
                }
                Segment::Index(_) => is_list = true,
            }
        }
        let line = format!("{name} = {}", toml_text(&value));
        Some(match (header == KeyPath::root(), is_list) {
            (true, _) => line,
            (false, false) => format!("[{header}]\n{line}"),
            (false, true) => format!("[[{header}]]\n{line}"),
        })
    }
}

/// The value at a key. Where the sample has not this name, or not this key under it, it is that of another
/// name; a free name is replaced by the one that was found.
fn find<'v>(at: &KeyPath, value: &'v Value, names: &mut [Segment]) -> Option<&'v Value> {
    let Some((first, rest)) = names.split_first_mut() else { return Some(value) };
    match first {
        Segment::Index(index) => find(&at.index(*index), value.get(*index)?, rest),
        Segment::Key(name) => {
            let at = at.key(name.as_str());
            let table = value.as_object()?;
            if let Some(found) = table.get(name.as_str()).and_then(|value| find(&at, value, rest)) {
                return Some(found);
            }
            let is_name = at.parent().is_some_and(|table| known_keys(&table, &Value::Null).is_empty());
            let mut others = table.iter().filter(|_| is_name);
            let (other, found) = others.find_map(|(other, value)| Some((other, find(&at, value, rest)?)))?;
            if name == NAME {
                other.clone_into(name);
            }
            Some(found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::{diagnostic::KeyPath, schema};

    #[test]
    fn every_key_has_an_example_that_parses() {
        for entry in schema::entries() {
            let text = entry.example();
            let is_item = entry.key().to_string().ends_with(']');
            assert!(text.is_some() || is_item || Form::of(entry.schema()) != Form::Inline, "{}", entry.key());
            if let Some(text) = text {
                assert!(toml::from_str::<toml::Table>(&text).is_ok(), "{}: {text}", entry.key());
            }
        }
    }

    #[test]
    fn an_example_is_what_one_would_paste() {
        let example = |key: &str| schema::Entry::of(&key.split('.').collect::<KeyPath>()).and_then(|key| key.example());
        assert_eq!(example("version").as_deref(), Some("version = 1"));
        assert_eq!(example("limits.mode").as_deref(), Some("[limits]\nmode = \"enforce\""));
        assert_eq!(example("pools.other.max_connections").as_deref(), Some("[pools.other]\nmax_connections = 100"));
        assert_eq!(example("pools.NAME.url").as_deref(), Some("[pools.main]\nurl = \"sqlite::memory:\""));
        let path = "[probes.checks.cache]\npath = \"/var/lib\"";
        assert_eq!(example("probes.checks.cache.path").as_deref(), Some(path), "though the sample's cache has none");
        assert_eq!(example("limits"), None);
    }
}
