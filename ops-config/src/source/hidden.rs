//! What of a file must not be shown.
//!
//! A value is shown only where the schema knows it and it is no secret. A value
//! under a key that does not exist is hidden, unless that key is a misspelling of
//! one that may be shown: it may be a secret whose key was misspelt. An address may hold a
//! password before its `@`, or a secret in its query: then it is hidden wherever it stands.

use crate::{
    diagnostic::{nearest, KeyPath, Segment},
    schema::{self, ValueType},
    value::holds_secret,
};
use serde_json::Value;
use std::ops::Range;

/// Whether a value that holds no others must be hidden where it stands at this key. A text in the
/// place of a table is hidden too: it may be the secret that should stand within.
pub(super) fn is_hidden(key: &KeyPath) -> bool {
    is_hidden_as(schema::at(key), key)
}

/// As [`is_hidden`], for whoever knows what the schema says of the key.
pub(super) fn is_hidden_as(schema: Option<&'static Value>, key: &KeyPath) -> bool {
    let Some(schema) = schema else { return !is_misspelt(key) };
    schema::says_secret(schema) || matches!(schema::value_type(schema), Some(ValueType::Object) | None)
}

/// Whether a key of a table must be hidden itself: where a secret belongs, a key that is none may be it.
/// The words that people try there are shown, so that they see which one is wrong.
pub(super) fn is_hidden_key(table: Option<&'static Value>, name: &str) -> bool {
    const TRIED: [&str; 8] = ["env", "environment", "variable", "file", "path", "from", "value", "secret"];
    table.is_some_and(schema::says_secret) && nearest(name, TRIED).is_none()
}

/// Whether a text must be hidden though its key is harmless: it may be an address with a password.
/// or with a secret in its query. What was escaped counts as what it may stand for.
pub(super) fn holds_password(key: &KeyPath, text: &str) -> bool {
    let may_hold_at = text.contains(['@', '\\']) || text.contains("%40");
    (may_hold_at || holds_secret(text)) && (text.contains("//") || expects_address(key))
}

/// Whether an address belongs at the key, or at the one that was meant.
fn expects_address(key: &KeyPath) -> bool {
    let is_address = |key: &KeyPath| {
        let format = schema::at(key).and_then(|schema| schema::resolve(schema).get("format")?.as_str());
        format.is_some_and(|format| format.ends_with("http-url"))
    };
    is_address(key) || near(key).is_some_and(|near| is_address(&near))
}

/// The key that one that does not exist is a misspelling or an old name of.
fn near(key: &KeyPath) -> Option<KeyPath> {
    if let Some((_, instead)) = schema::retired(key) {
        return Some(instead);
    }
    let (table, Segment::Key(name)) = (key.parent()?, key.segments().last()?) else { return None };
    let known = schema::known_keys(&table, &Value::Null);
    nearest(name, known).map(|near| table.key(near))
}

/// Whether a key that does not exist is a misspelling of one that may be shown.
fn is_misspelt(key: &KeyPath) -> bool {
    !schema::is_secret(key) && near(key).is_some_and(|near| !is_hidden(&near))
}

/// The bytes to be hidden with a value that must not be shown. What follows it to the end of its
/// line goes with it if there is a comment, which may say what the secret was.
pub(super) fn range(content: &str, span: Range<usize>) -> Range<usize> {
    let rest = content[span.end..].split('\n').next().unwrap_or_default();
    let end = if rest.contains('#') { span.end + rest.trim_end().len() } else { span.end };
    span.start..end
}
