//! `config/ops.toml`: every key with its comment, its value or an example.
//!
//! Printed from two values and the schema, so comment, value and key cannot part.
//! A key that is left out stands as `# key = example`; no line of prose looks like that,
//! and the formatters of both TOML language servers leave all of it as it is.

use super::{
    form::{toml_text, Form},
    known_keys, sample, Entry,
};
use crate::diagnostic::{KeyPath, Segment};
use serde_json::{Map, Value};
use std::{collections::HashSet, fmt::Write};

const WIDTH: usize = 100;
/// Where the formatters break a list.
const LIST_WIDTH: usize = 80;

const HEAD: &str = "\
#:schema ../schema/ops.schema.json

# How a service is operated. Every key takes effect on save, without a restart; a save that does not
# check changes nothing. `ops check` says what is wrong.
#
# All keys are here. A line such as `# key = value` is a key left out, with an example: take the
# `# ` away to use it. Only `version` is required; what is left out has its default.
# `ops schema --write` makes this file anew from the code.
";

/// The annotated sample.
pub(super) fn annotated() -> String {
    let document = |config| serde_json::to_value(config).expect("a configuration has only texts for keys");
    let (complete, active) = (document(sample::complete()), document(sample::active()));
    let mut page = Page { complete: &complete, text: HEAD.to_owned(), told: HashSet::new() };
    page.table(&KeyPath::root(), &complete, Some(&active));
    page.text
}

struct Page<'v> {
    complete: &'v Value,
    text: String,
    /// Comments that stand already: the second check need not explain `critical` again.
    told: HashSet<&'static str>,
}

impl Page<'_> {
    /// The keys of a table, then the tables in it, as TOML wants them.
    fn table(&mut self, key: &KeyPath, complete: &Value, active: Option<&Value>) {
        let entries = members(key, complete, active);
        let (lines, tables): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, ..)| self.form(key) == Form::Inline);
        for (key, complete, active) in lines {
            self.line(&key, complete, active);
        }
        for (key, complete, active) in tables {
            match self.form(&key) {
                Form::Named => {
                    self.comment(&key, None);
                    let mut named = members(&key, complete, active);
                    named.sort_by_key(|(.., active)| active.is_none());
                    for (key, complete, active) in named {
                        self.headed(&key, ("[", "]"), complete, active);
                    }
                }
                Form::Repeated => {
                    for (at, item) in complete.as_array().into_iter().flatten().enumerate() {
                        let active = active.and_then(|list| list.get(at));
                        self.comment(&key, None);
                        self.header(&key, ("[[", "]]"), active.is_some());
                        self.table(&key.index(at), item, active);
                    }
                }
                Form::Table | Form::Inline => self.headed(&key, ("[", "]"), complete, active),
            }
        }
    }

    fn headed(&mut self, key: &KeyPath, brackets: (&str, &str), complete: &Value, active: Option<&Value>) {
        self.comment(key, None);
        self.header(key, brackets, active.is_some());
        self.table(key, complete, active);
    }

    fn header(&mut self, key: &KeyPath, (open, close): (&str, &str), active: bool) {
        if !self.text.ends_with("\n\n") && !self.ends_in_comment() {
            self.text.push('\n');
        }
        let _ = writeln!(self.text, "{}{open}{key}{close}", if active { "" } else { "# " });
    }

    fn line(&mut self, key: &KeyPath, complete: &Value, active: Option<&Value>) {
        let Some(Segment::Key(name)) = key.segments().last() else { return };
        let empty = |value: &&Value| value.as_object().is_some_and(Map::is_empty);
        let active = active.filter(|active| !empty(active) || empty(&complete));
        self.comment(key, active);
        self.inner_comments(key);
        let mark = if active.is_some() { "" } else { "# " };
        for line in assignment(&KeyPath::root().key(name), active.unwrap_or(complete)).lines() {
            let _ = writeln!(self.text, "{mark}{line}");
        }
    }

    /// What there is to say of the key, unless it has been said.
    fn comment(&mut self, key: &KeyPath, value: Option<&Value>) {
        let Some(entry) = Entry::within(key, self.complete).filter(|entry| !entry.meaning().is_empty()) else { return };
        if !self.told.insert(entry.meaning()) {
            return;
        }
        let mut meaning = entry.meaning().to_owned();
        if !entry.choices().is_empty() {
            let _ = write!(meaning, " One of {}.", entry.expected());
        }
        if let Some(default) = entry.default().filter(|default| value.is_some_and(|value| value != *default)) {
            let _ = write!(meaning, " Default: {}.", toml_text(default));
        }
        if !self.ends_in_header() {
            self.text.push('\n');
        }
        self.prose("# ", &meaning);
        if let Some(reload) = entry.reload() {
            self.prose("# ", &format!("Reload: {reload}"));
        }
    }

    /// What there is to say of the keys of a table that is written in one line.
    fn inner_comments(&mut self, key: &KeyPath) {
        for inner in known_keys(key, self.complete) {
            let meaning = Entry::of(&key.key(inner)).map_or("", |entry| entry.meaning());
            self.prose("#   ", &format!("{inner}: {meaning}"));
        }
    }

    fn prose(&mut self, mark: &str, text: &str) {
        let mut line = mark.to_owned();
        for word in text.split_whitespace() {
            if line.len() + word.len() > WIDTH {
                let _ = writeln!(self.text, "{}", line.trim_end());
                mark.clone_into(&mut line);
            }
            line.push_str(word);
            line.push(' ');
        }
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn last_line(&self) -> &str {
        self.text.trim_end().rsplit('\n').next().unwrap_or_default()
    }

    fn ends_in_comment(&self) -> bool {
        self.last_line().starts_with("# ") && !self.text.ends_with("\n\n")
    }

    fn ends_in_header(&self) -> bool {
        self.last_line().trim_start_matches("# ").starts_with('[')
    }

    fn form(&self, key: &KeyPath) -> Form {
        Entry::within(key, self.complete).map_or(Form::Inline, |entry| Form::of(entry.schema()))
    }
}

/// `key = value`; a list that would make the line too long has a line for each item.
fn assignment(key: &KeyPath, value: &Value) -> String {
    let line = format!("{key} = {}", toml_text(value));
    match value {
        Value::Array(items) if line.len() > LIST_WIDTH => {
            let items: Vec<String> = items.iter().map(toml_text).collect();
            format!("{key} = [\n  {},\n]", items.join(",\n  "))
        }
        _ => line,
    }
}

/// What a table holds: key, complete value, active value.
type Member<'v> = (KeyPath, &'v Value, Option<&'v Value>);

fn members<'v>(key: &KeyPath, complete: &'v Value, active: Option<&'v Value>) -> Vec<Member<'v>> {
    let table = complete.as_object().into_iter().flatten();
    table.map(|(name, value)| (key.key(name), value, active.and_then(|active| active.get(name)))).collect()
}
