//! The lines of a file that does not parse: in which table each stands, and what of it may be shown.

use super::extent;
use crate::{
    diagnostic::{nearest, KeyPath},
    schema::{self, ValueType},
};
use std::{collections::HashMap, ops::Range, rc::Rc};
use toml::de::DeTable;

/// What a file that does not parse probably says, line by line.
///
/// A line is shown only as far as it is one assignment of one value to a known key that is no
/// secret, or the header of a table.
pub(in super::super) struct Outline {
    lines: Vec<Line>,
    /// Where each key and table is defined first.
    first: HashMap<KeyPath, usize>,
}

/// One line.
pub(super) struct Line {
    /// Its bytes, without its break and the space before that.
    pub(super) span: Range<usize>,
    /// How much of it, from its beginning, may be shown.
    pub(super) shown: usize,
    /// The table it stands in; none where that is not to be known.
    pub(super) table: Option<Rc<KeyPath>>,
}

impl Outline {
    pub(in super::super) fn of(content: &str) -> Self {
        let mut walk = Walk { table: Some(Rc::new(KeyPath::root())), in_list: false };
        let mut outline = Self { lines: Vec::new(), first: HashMap::new() };
        let mut elements: HashMap<KeyPath, usize> = HashMap::new();
        let mut begin = 0;
        for full in content.split_inclusive('\n') {
            let line = full.trim_end();
            let shown = walk.shown(line);
            if line.trim_start().starts_with("[[") {
                // Each element of a list has keys of its own.
                if let Some(list) = walk.table.take() {
                    let count = elements.entry(KeyPath::clone(&list)).or_default();
                    *count += 1;
                    walk.table = Some(Rc::new(list.index(*count - 1)));
                }
            }
            for key in defined(line, walk.table.as_deref()) {
                outline.first.entry(key).or_insert(begin);
            }
            outline.lines.push(Line { span: begin..begin + line.len(), shown, table: walk.table.clone() });
            begin += full.len();
        }
        if outline.lines.is_empty() {
            outline.lines.push(Line { span: 0..0, shown: 0, table: None });
        }
        outline
    }

    /// The line of a place.
    pub(super) fn line(&self, at: usize) -> &Line {
        let next = self.lines.partition_point(|line| line.span.start <= at);
        &self.lines[next.saturating_sub(1)]
    }

    /// The bytes not to be shown.
    pub(in super::super) fn hidden(&self) -> Vec<Range<usize>> {
        let hidden = self.lines.iter().map(|line| line.span.start + line.shown..line.span.end);
        hidden.filter(|range| !range.is_empty()).collect()
    }

    /// The key or table that is defined in a line, and where it is defined first.
    pub(super) fn first(&self, content: &str, line: &Line) -> Option<(KeyPath, usize)> {
        let key = defined(&content[line.span.clone()], line.table.as_deref()).into_iter().last()?;
        let first = *self.first.get(&key)?;
        Some((key, first))
    }
}

/// The keys that a line defines, the outer ones first.
fn defined(line: &str, table: Option<&KeyPath>) -> Vec<KeyPath> {
    let Some(table) = table else { return Vec::new() };
    if line.trim_start().starts_with('[') {
        return vec![table.clone()];
    }
    let Some(parts) = line.split_once('=').and_then(|(key, _)| dotted(key)) else { return Vec::new() };
    let keys = parts.into_iter().scan(table.clone(), |key, part| {
        *key = key.key(part);
        Some(key.clone())
    });
    keys.collect()
}

/// A dotted key's parts.
pub(in super::super) fn dotted(key: &str) -> Option<Vec<String>> {
    let line = format!("{key} = 0");
    let table = DeTable::parse(&line).ok()?;
    let mut table = table.get_ref();
    let mut parts = Vec::new();
    loop {
        let (name, value) = table.iter().next()?;
        parts.push(name.get_ref().to_string());
        match value.get_ref().as_table() {
            Some(next) => table = next,
            None => return Some(parts),
        }
    }
}

/// The key in a table's header.
pub(super) fn header(line: &str) -> Option<KeyPath> {
    let inner = line.trim_start().trim_start_matches('[');
    Some(dotted(inner.split(']').next()?)?.into_iter().collect())
}

/// Where the walk over the lines is.
struct Walk {
    table: Option<Rc<KeyPath>>,
    in_list: bool,
}

impl Walk {
    /// How much of a line, from its beginning, may be shown.
    fn shown(&mut self, line: &str) -> usize {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(shown) = self.header(text) {
            return indent + shown;
        }
        if text.starts_with('#') {
            return indent + 1;
        }
        // It may be an address with a password.
        let suspect = text.contains(['@', '\\']) || text.contains("%40");
        let Some((key, value)) = text.split_once('=') else {
            return indent + self.no_assignment(text, suspect);
        };
        let known = self.key(key);
        let is_harmless = !suspect && known.as_ref().is_some_and(is_harmless);
        self.in_list = false;
        if let Some(known) = known.filter(|_| is_harmless) {
            // A comment, or what is another assignment, may hold anything.
            let value = value.trim_start_matches('=');
            let begin = line.len() - value.len();
            let one = value.find(['=', '#']).map_or(value, |at| &value[..at]);
            let shown = extent::of_value(one, is_list(&known));
            self.in_list = shown == one.len() && one.matches('[').count() > one.matches(']').count();
            return begin + shown;
        }
        // What stands before `=` may be a part of a secret, unless it is a key or nearly one.
        if self.table.as_deref().is_some_and(|table| is_like_a_key(table, key)) {
            return indent + key.len() + 1 + (value.len() - value.trim_start().len());
        }
        indent
    }

    /// How much of a header may be shown; what follows its bracket only if nothing does.
    fn header(&mut self, text: &str) -> Option<usize> {
        let plain = |text: &str| text.chars().all(|c: char| c.is_ascii_alphanumeric() || "_-. []".contains(c));
        let end = text.rfind(']').map_or(text.len(), |at| at + 1);
        if !text.starts_with('[') || !plain(&text[..end]) {
            return None;
        }
        let found = header(&format!("{}]", text[..end].trim_end_matches(']')));
        let is_known = found.as_ref().is_some_and(|key| schema::at(key).is_some());
        // Within a list it is an element, unless there is such a table: then the list was not closed.
        if (self.in_list || !plain(text)) && !is_known {
            return None;
        }
        self.table = found.map(Rc::new);
        self.in_list = false;
        // Of words in a row the first is a table's; the others may be a key and its value.
        let parts = || text[..end].trim_matches(['[', ']', ' ']).split([' ', '.']).filter(|part| !part.is_empty());
        let is_one = !text[..end].trim_end().contains(' ')
            || Some(parts().collect::<KeyPath>())
                .is_some_and(|key| schema::at(&key).is_some() && !schema::is_secret(&key));
        Some(if is_one { end } else { text.find(' ').unwrap_or(end) })
    }

    fn no_assignment(&mut self, text: &str, suspect: bool) -> usize {
        let item = text.starts_with(|c: char| "\"'-+.[]},".contains(c) || c.is_ascii_digit());
        // `mode "off"`, `mode: off`: as much an assignment as its maker could write.
        let name = text.split([' ', '\t', ':']).next().unwrap_or_default();
        let key = self.key(name).filter(|key| is_harmless(key) && !text.contains('#'));
        let shown = match key {
            _ if suspect => 0,
            Some(key) => {
                let value = text[name.len()..].trim_start_matches([' ', '\t', ':']);
                text.len() - value.len() + extent::of_value(value, is_list(&key))
            }
            None if item && self.in_list => extent::of_list(text),
            None if text.chars().all(|c| "[]{},".contains(c)) => text.len(),
            None => 0,
        };
        // A line that is none of a list's: what follows it need not be one either.
        self.in_list &= shown == text.len() && !text.starts_with(']');
        shown
    }

    /// The key that was meant, whatever cannot be seen in it.
    fn key(&self, key: &str) -> Option<KeyPath> {
        let key: String = key.chars().filter(|c| !"\u{200b}\u{feff}".contains(*c)).collect();
        let parts = dotted(key.trim().trim_end_matches(':').trim_end())?;
        Some(parts.into_iter().fold(KeyPath::clone(self.table.as_deref()?), |key, part| key.key(part)))
    }
}

/// Whether there is such a key, or one spelt much like it.
fn is_like_a_key(table: &KeyPath, key: &str) -> bool {
    let Some(parts) = dotted(key.trim()) else { return false };
    let mut at = table.clone();
    parts.iter().all(|part| {
        let known = schema::known_keys(&at, &serde_json::Value::Null);
        at = at.key(part);
        known.contains(&part.as_str()) || nearest(part, known).is_some()
    })
}

fn is_list(key: &KeyPath) -> bool {
    schema::at(key).and_then(schema::value_type) == Some(ValueType::Array)
}

/// Whether the value of the key may be shown, whatever it is.
fn is_harmless(key: &KeyPath) -> bool {
    let known = schema::at(key).and_then(schema::value_type);
    known.is_some_and(|known| known != ValueType::Object) && !schema::is_secret(key)
}
