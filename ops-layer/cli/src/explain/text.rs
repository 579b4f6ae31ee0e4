//! What there is to say, as text for a terminal.

use crate::{
    document::{plain, toml},
    output::{END, STRONG, WIDTH},
};
use ops_config::{
    diagnostic::{Code, KeyPath, Segment},
    schema::{at, document, entries, resolve, value_type, Entry, ValueType, NAME},
};
use std::fmt::Write;
use textwrap::{fill, Options};

/// Everything that can be asked for.
pub(super) fn overview() -> String {
    let mut text = format!("{STRONG}Keys{END}\n");
    let is_top = |entry: &Entry| entry.key().segments().len() == 1;
    rows(
        &mut text,
        entries().iter().filter(|entry| is_top(entry)).map(|entry| (entry.key().to_string(), brief(entry))),
    );
    let _ = write!(text, "\n{STRONG}Codes{END}\n");
    rows(&mut text, Code::ALL.iter().map(|code| (code.to_string(), code.title().to_owned())));
    text.push_str("\n`ops explain limits` tells the keys of a section, `ops explain limits.mode` all about one.\n");
    text
}

/// A code: what it means and how it is mended.
pub(super) fn code(code: Code) -> String {
    let mut text = format!("{STRONG}{code}: {}{END}\n\n", code.title());
    let _ =
        write!(text, "{}\n\n{}\n", prose(code.explanation()), prose(&format!("To mend it: {}", lower(code.mend()))));
    text
}

/// Keys that end alike.
pub(super) fn several(asked: &str, entries: &[Entry]) -> String {
    let mut text = format!("{} keys end in `{asked}`:\n\n", entries.len());
    rows(&mut text, entries.iter().map(|entry| (entry.key().to_string(), brief(entry))));
    text
}

/// A key, or a section with its keys.
pub(super) fn key(entry: &Entry) -> String {
    let mut text = format!("{STRONG}{}{END}\n\n", entry.key());
    if !entry.meaning().is_empty() {
        let _ = write!(text, "{}\n\n", prose(entry.meaning()));
    }
    let example = entry.example();
    let inner = inner(entry.key());
    // What has lines of its own in the file is no table to be set as a whole.
    if example.is_some() || inner.is_empty() {
        fields(&mut text, entry);
    } else if let Some(reload) = entry.reload() {
        field(&mut text, "On reload", reload);
        text.push('\n');
    }
    if !inner.is_empty() {
        let depth = entry.key().segments().len();
        rows(&mut text, inner.iter().map(|inner| (under(entry.key(), depth, inner.key()), brief(inner))));
        text.push('\n');
    }
    if let Some(example) = example {
        let _ = writeln!(text, "{}", textwrap::indent(&example, "    "));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// A key further in, with the names that were asked for.
fn under(key: &KeyPath, depth: usize, inner: &KeyPath) -> String {
    let rest = inner.segments()[depth..].iter();
    let joined = rest.fold(key.clone(), |key, segment| match segment {
        Segment::Key(name) => key.key(name),
        Segment::Index(at) => key.index(*at),
    });
    joined.to_string()
}

fn fields(text: &mut String, entry: &Entry) {
    if !entry.kinds().is_empty() {
        field(text, "Only for", &format!("kind = \"{}\"", entry.kinds().join("\" or \"")));
    }
    field(text, "Expected", &entry.expected());
    for (choice, meaning) in entry.choices() {
        field(text, "", &format!("\"{choice}\": {meaning}"));
    }
    match entry.default() {
        Some(default) if plain(default).is_some() => field(text, "Default", &toml(default)),
        _ if is_required(entry.key()) => field(text, "Default", "none, it must be there"),
        _ => field(text, "Default", "none, it may be left out"),
    }
    let is_table = value_type(entry.schema()) == Some(ValueType::Object);
    if let Some(variable) = entry.variable().filter(|_| !is_table) {
        field(text, "Variable", &variable);
    }
    if let Some(reload) = entry.reload() {
        field(text, "On reload", reload);
    }
    text.push('\n');
}

fn field(text: &mut String, name: &str, value: &str) {
    let indent = Options::new(WIDTH).subsequent_indent("             ");
    let _ = writeln!(text, "{}", fill(&format!("  {name:<9}  {value}"), indent));
}

/// What stands in a table, and in the tables of a table of names.
fn inner(key: &KeyPath) -> Vec<Entry> {
    let depth = key.segments().len();
    let within = |entry: &Entry| {
        let segments = entry.key().segments();
        let same = |(asked, known): (&Segment, &Segment)| {
            asked == known || matches!(known, Segment::Key(name) if name == NAME)
        };
        segments.len() > depth && key.segments().iter().zip(segments).all(same)
    };
    let all: Vec<Entry> = entries().into_iter().filter(within).collect();
    let is_named = |entry: &Entry| match &entry.key().segments()[depth] {
        Segment::Key(name) => name == NAME,
        Segment::Index(_) => true,
    };
    // One level; of names and items, which say nothing themselves, the next.
    let level = |entry: &Entry| entry.key().segments().len() - depth;
    let deep = all.iter().any(|entry| is_named(entry) && level(entry) == 2);
    all.into_iter().filter(|entry| level(entry) == if deep { 2 } else { 1 }).collect()
}

fn is_required(key: &KeyPath) -> bool {
    let (Some(table), Some(Segment::Key(name))) = (key.parent(), key.segments().last()) else { return false };
    let table = if table == KeyPath::root() { Some(document()) } else { at(&table) };
    let names = |schema: &serde_json::Value| {
        schema["required"].as_array().is_some_and(|all| all.iter().any(|known| known == name))
    };
    table.map(resolve).is_some_and(|schema| {
        let kinds = schema["oneOf"].as_array();
        names(schema) || kinds.is_some_and(|kinds| kinds.iter().any(names))
    })
}

/// The first sentence, without its full stop; of what says nothing, what it may be.
fn brief(entry: &Entry) -> String {
    let expected = entry.expected();
    let meaning = if entry.meaning().is_empty() { expected.as_str() } else { entry.meaning() };
    let end = meaning.find(". ").unwrap_or(meaning.len());
    meaning[..end].trim_end_matches('.').to_owned()
}

/// Two columns; a text that is too long goes on under itself.
fn rows(text: &mut String, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let indent = " ".repeat(width + 4);
    for (name, said) in rows {
        let row = fill(&format!("  {name:<width$}  {said}"), Options::new(WIDTH).subsequent_indent(&indent));
        let _ = writeln!(text, "{}", row.trim_end());
    }
}

fn prose(text: &str) -> String {
    fill(text, WIDTH)
}

/// As it stands within a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
