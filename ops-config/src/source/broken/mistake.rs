//! A line with a mistake in it, as far as it can be understood.

use super::outline::Line;
use crate::{
    diagnostic::KeyPath,
    schema::{self, ValueType},
};
use serde_json::Value;
use std::ops::Range;

/// A line with a mistake in it.
pub(super) struct Mistake<'t> {
    /// What the parser says.
    pub(super) message: &'t str,
    /// What the parser would have taken.
    pub(super) wanted: &'t str,
    /// The line, without the space around it.
    pub(super) line: &'t str,
    /// What the parser means.
    pub(super) found: &'t str,
    /// What follows that in the line.
    pub(super) rest: &'t str,
    /// The key before the value, whatever stands between them.
    pub(super) name: &'t str,
    /// What stands there for a value.
    pub(super) value: &'t str,
    /// The key, if there is such a one.
    pub(super) key: Option<KeyPath>,
    /// Whether all of the line may be repeated.
    pub(super) is_shown: bool,
}

impl<'t> Mistake<'t> {
    pub(super) fn new(content: &'t str, span: &Range<usize>, message: &'t str, line: &Line) -> Self {
        let text = &content[line.span.clone()];
        let found = content.get(span.clone()).unwrap_or_default();
        let rest = content.get(span.start..line.span.end).unwrap_or_default();
        let (name, value) = split(text.trim_start());
        let key = line
            .table
            .as_deref()
            .zip(super::dotted(name))
            .map(|(table, parts)| parts.into_iter().fold(table.clone(), |key, part| key.key(part)));
        let (message, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
        Self {
            message,
            wanted,
            line: text.trim(),
            found,
            rest,
            name,
            value,
            key: key.filter(|key| schema::at(key).is_some()),
            is_shown: line.shown == text.len(),
        }
    }

    /// Whether the line is one that git leaves where two changes meet.
    pub(super) fn is_conflict(&self) -> bool {
        ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| self.line.starts_with(mark))
    }

    /// What the key takes.
    pub(super) fn value_type(&self) -> Option<ValueType> {
        self.key.as_ref().and_then(schema::at).and_then(schema::value_type)
    }

    /// What the key takes, in words; empty where that is not known.
    pub(super) fn expected(&self) -> String {
        self.key.as_ref().and_then(schema::at).map(schema::expected).unwrap_or_default()
    }

    /// The line as it should be, if what it holds may be repeated.
    pub(super) fn write(&self, value: &str) -> Option<String> {
        self.is_shown.then(|| format!("write {} = {value}", self.name))
    }

    /// As [`write`](Self::write), the value as what it seems to be: a number, yes or no, else a text.
    pub(super) fn write_value(&self) -> Option<String> {
        let value = self.value.trim_end_matches([',', ';']).trim_end();
        let bare = value.trim_matches(['"', '\'', '“', '”', '„', '‘', '’', '«', '»']);
        match self.value_type() {
            Some(ValueType::String) => self.write(&Value::from(unit(bare)).to_string()),
            Some(ValueType::Boolean) => match bare.to_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => self.write("true"),
                "false" | "no" | "off" | "0" => self.write("false"),
                _ => None,
            },
            Some(ValueType::Integer | ValueType::Number) => number(bare).and_then(|number| self.write(&number)),
            _ => None,
        }
    }
}

/// A key and what follows it, whatever was written between them.
fn split(line: &str) -> (&str, &str) {
    let between = |at: usize| (line[..at].trim(), line[at..].trim_start_matches([' ', '\t', ':', '=']));
    let (name, value) = match (line.find('='), line.find([' ', ':'])) {
        (Some(at), _) => (line[..at].trim_end_matches(':').trim(), line[at..].trim_start_matches(['=', ' ', '\t'])),
        (None, Some(at)) => between(at),
        (None, None) => (line, ""),
    };
    // A comment is no part of a value; that a text may hold `#` is no matter where its quotes are wrong.
    (name, value.split(" #").next().unwrap_or_default().trim_end())
}

/// "5 s" as lengths of time and sizes are written.
fn unit(text: &str) -> String {
    match text.split_once(' ') {
        Some((count, unit)) if count.parse::<f64>().is_ok() => format!("{count}{unit}"),
        _ => text.to_owned(),
    }
}

/// A number as people write it, as TOML does.
fn number(text: &str) -> Option<String> {
    if let Some(share) = text.strip_suffix('%').and_then(|share| share.trim().parse::<f64>().ok()) {
        return Some((share / 100.0).to_string());
    }
    if text.is_empty() {
        return None;
    }
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let groups = |sign: char| -> Option<String> {
        let parts: Vec<&str> = text.split(sign).collect();
        let (first, rest) = parts.split_first()?;
        let is_grouped = plain(first) && first.len() <= 3 && rest.iter().all(|part| plain(part) && part.len() == 3);
        (is_grouped && !rest.is_empty()).then(|| parts.concat())
    };
    let grouped = groups(',').or_else(|| groups('.').filter(|_| text.matches('.').count() > 1));
    let decimal = text.replace(',', ".");
    grouped.or_else(|| {
        let digits = if let Some(rest) = decimal.strip_prefix('.') { format!("0.{rest}") } else { decimal };
        let trimmed = digits.trim_start_matches('0');
        let whole = if trimmed.is_empty() || trimmed.starts_with('.') { format!("0{trimmed}") } else { trimmed.into() };
        (whole.parse::<f64>().is_ok_and(f64::is_finite) && whole.starts_with(|c: char| c.is_ascii_digit()))
            .then_some(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::{number, split};

    #[test]
    fn a_number_is_understood_as_people_write_it() {
        for (written, meant) in [
            ("1,000", Some("1000")),
            ("1.000.000", Some("1000000")),
            ("0,5", Some("0.5")),
            (".5", Some("0.5")),
            ("0100", Some("100")),
            ("0", Some("0")),
            ("10%", Some("0.1")),
            ("1k", None),
            ("many", None),
            ("", None),
        ] {
            assert_eq!(number(written).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn a_line_is_split_at_whatever_stands_for_the_sign() {
        for line in ["a = b c", "a: b c", "a := b c", "a b c", "a == b c", "a = b c # d"] {
            assert_eq!(split(line), ("a", "b c"), "{line}");
        }
    }
}
