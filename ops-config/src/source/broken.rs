//! A file that does not parse: what is wrong with it, and what of it may be shown.

use super::layer::Layer;
use crate::{
    diagnostic::{nearest, Code, KeyPath, Origin, Text, Violation},
    schema::{self, ValueType},
};
use std::ops::Range;
use toml::de::DeTable;

/// The faults of a file, one a line: the parser goes on after a fault, and what it finds in the
/// same line is mostly a consequence.
pub(super) fn violations(text: &Text, errors: &[toml::de::Error], layer: &Layer) -> Vec<Violation> {
    let mut errors: Vec<_> = errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut line = 0;
    let mut violations = Vec::new();
    for (span, message) in errors {
        let position = text.position(span.clone());
        if position.line != line {
            line = position.line;
            violations.push(violation(text, Origin::File(position), span, message, layer));
        }
    }
    violations
}

fn violation(text: &Text, origin: Origin, span: Range<usize>, message: &str, layer: &Layer) -> Violation {
    let duplicate = message == "duplicate key" || message.starts_with("cannot extend value");
    let (code, found, expected, help) = if duplicate {
        let first = first_definition(text, span.start, layer);
        let help = match first.as_ref().and_then(Origin::position) {
            Some(first) => format!("remove one of the two, the first is in line {}", first.line),
            None => "remove one of the two".to_owned(),
        };
        let name = text.content().get(span).unwrap_or_default().trim();
        let found = format!("`{name}` is defined twice");
        (Code::DuplicateKey, found, "each key and table once".to_owned(), Some(help))
    } else {
        let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
        let word = text.content().get(span).unwrap_or_default();
        let missing = found == "string values must be quoted" && word.trim().is_empty();
        let found = if missing { "missing value" } else { found };
        let expected = if missing { "" } else { expected };
        let unquoted = found == "string values must be quoted"
            || found.starts_with("invalid") && word.starts_with(|c: char| c.is_ascii_alphabetic());
        if unquoted {
            let help = "put it in quotes, as in level = \"info\"".to_owned();
            (Code::Syntax, "a text without quotes".to_owned(), "quotes around a text".to_owned(), Some(help))
        } else {
            let expected = if expected == "nothing" { "" } else { expected };
            (Code::Syntax, found.to_owned(), expected.to_owned(), help(found, expected))
        }
    };
    Violation { code, key: KeyPath::root(), origin, found: Some(found), expected, help, notes: Vec::new() }
}

/// The smallest change, where the parser's words alone do not say it.
fn help(found: &str, expected: &str) -> Option<String> {
    let help = match (found, expected) {
        ("unclosed table", _) => "close the table's header, as in [server]",
        ("unclosed array table", _) => "close the header, as in [[observability.sampling_rules]]",
        ("unclosed array", _) => "close the list with ]",
        ("unclosed inline table", _) => "close the table with }",
        ("key with no value" | "missing value" | "missing value for key", _) => {
            "write key = value; a table's header stands in brackets"
        }
        ("unexpected key or value", _) => "write each key on a line of its own",
        ("invalid basic string" | "invalid literal string", _) => "end the text with the quote it begins with",
        ("unexpected leading zero", _) => "write the number without zeros before it",
        ("carriage return must be followed by newline", _) => "save with line breaks of Unix or Windows",
        _ => return None,
    };
    Some(help.to_owned())
}

/// Where the key written at `offset` was first defined.
fn first_definition(text: &Text, offset: usize, layer: &Layer) -> Option<Origin> {
    let content = text.content();
    let begin = content[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = content[begin..].lines().next()?.trim();
    if line.starts_with('[') {
        return first_header(text, begin, &header(line)?);
    }
    let table = content[..begin].lines().rev().map(str::trim).find(|line| line.starts_with('['));
    let mut path = table.map_or(Some(Vec::new()), header)?;
    path.extend(dotted(line.split_once('=')?.0)?);
    let said = layer.places.at(&path.into_iter().collect::<KeyPath>())?;
    (said.key.span()?.start < offset).then(|| said.key.clone())
}

/// The first header of a table; the parser only keeps the place of the last.
fn first_header(text: &Text, before: usize, path: &[String]) -> Option<Origin> {
    let mut at = 0;
    for line in text.content()[..before].split_inclusive('\n') {
        if line.trim_start().starts_with('[') && header(line.trim()).is_some_and(|found| found == path) {
            return Some(Origin::File(text.position(at..at)));
        }
        at += line.len();
    }
    None
}

/// The key in a table's header.
fn header(line: &str) -> Option<Vec<String>> {
    let inner = line.trim_start_matches('[');
    dotted(inner.split(']').next()?)
}

/// A dotted key's parts.
pub(super) fn dotted(key: &str) -> Option<Vec<String>> {
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

/// The bytes to be hidden in a file that does not parse. Nothing about it is certain, so a line is
/// shown only when it is one assignment to a known key that is no secret, or a table's header.
pub(super) fn ranges(content: &str) -> Vec<Range<usize>> {
    let mut table = Some(KeyPath::root());
    let mut in_list = false;
    let mut begin = 0;
    let mut ranges = Vec::new();
    for line in content.split_inclusive('\n') {
        let shown = shown(line.trim_end(), &mut table, &mut in_list);
        ranges.push(begin + shown..begin + line.trim_end().len());
        begin += line.len();
    }
    ranges.retain(|range| !range.is_empty());
    ranges
}

/// How much of a line, from its beginning, may be shown.
fn shown(line: &str, table: &mut Option<KeyPath>, in_list: &mut bool) -> usize {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-. []".contains(c);
    if text.starts_with('[') && text.chars().all(plain) {
        let found = header(&format!("{}]", text.trim_end_matches(']'))).map(|parts| parts.into_iter().collect());
        // Within a list it is an element, unless there is such a table: then the list was not closed.
        if !*in_list || found.as_ref().is_some_and(|key| schema::at(key).is_some()) {
            *table = found;
            *in_list = false;
            return line.len();
        }
    }
    if text.starts_with('#') {
        return indent + 1;
    }
    // It may be an address with a password.
    let suspect = text.contains(['@', '\\']) || text.contains("%40");
    let Some((key, value)) = text.split_once('=') else {
        let item = text.starts_with(|c: char| "\"'-+.[]},".contains(c) || c.is_ascii_digit());
        *in_list = *in_list && !text.starts_with(']');
        if suspect {
            return indent;
        }
        if is_harmless(table.as_ref(), text) {
            return line.len();
        }
        return if item && *in_list || text.chars().all(|c| "[]{},".contains(c)) { line.len() } else { indent };
    };
    let open = value.matches('[').count() > value.matches(']').count();
    let harmless = !suspect && is_harmless(table.as_ref(), key) && !value.contains(['=', '#']);
    *in_list = open && harmless;
    match harmless {
        true => line.len(),
        // What stands before `=` may be a part of a secret, unless it is a key or nearly one.
        false if is_like_a_key(table.as_ref(), key) => {
            indent + key.len() + 1 + (value.len() - value.trim_start().len())
        }
        false => indent,
    }
}

/// Whether there is such a key, or one spelt much like it.
fn is_like_a_key(table: Option<&KeyPath>, key: &str) -> bool {
    let Some((table, parts)) = table.zip(dotted(key)) else { return false };
    let mut at = table.clone();
    parts.iter().all(|part| {
        let known = schema::known_keys(&at, &serde_json::Value::Null);
        at = at.key(part);
        known.contains(&part.as_str()) || nearest(part, known).is_some()
    })
}

/// Whether the value of the key may be shown, whatever it is.
fn is_harmless(table: Option<&KeyPath>, key: &str) -> bool {
    let Some((table, parts)) = table.zip(dotted(key)) else { return false };
    let key = parts.iter().fold(table.clone(), |key, part| key.key(part));
    let known = schema::at(&key).and_then(schema::value_type);
    known.is_some_and(|known| known != ValueType::Object) && !schema::is_secret(&key)
}
