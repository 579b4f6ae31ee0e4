//! Alternatives of the schema: closed sets of words, and tables of several kinds.

use crate::{diagnostic::KeyPath, schema};
use serde_json::Value;

/// The key that says of which kind a table is.
pub(super) const TAG: &str = "kind";

/// How a value stands to the kinds of its table.
pub(super) enum Branch {
    /// It is of this one.
    Matched(usize),
    /// It does not say which.
    NoTag,
    /// It says one that there is not.
    OtherTag,
}

/// Which of a schema's alternatives a value says it is; none where the schema's alternatives have
/// no tag, or the value is no table.
pub(super) fn branch(schema: &'static Value, value: &Value) -> Option<Branch> {
    let branches = schema::resolve(schema).get("oneOf")?.as_array()?;
    let tag = |branch: &Value| branch.pointer("/properties/kind/const").cloned();
    branches.first().and_then(tag)?;
    Some(match value.as_object()?.get(TAG) {
        None => Branch::NoTag,
        Some(said) => match branches.iter().position(|branch| tag(branch).as_ref() == Some(said)) {
            Some(index) => Branch::Matched(index),
            None => Branch::OtherTag,
        },
    })
}

/// What is expected at a key, as the end of the sentence "expected …".
pub(super) fn expected(key: &KeyPath, document: &Value) -> String {
    let words = words(key, document);
    if words.is_empty() {
        let Some(schema) = schema::at_in(key, document) else { return String::new() };
        // "from 1 to 1" is one number.
        let only = schema.get("minimum").filter(|least| Some(*least) == schema.get("maximum"));
        return only.map_or_else(|| schema::expected(schema), Value::to_string);
    }
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// The words that a key takes, where they are a closed set.
pub(super) fn words(key: &KeyPath, document: &Value) -> Vec<String> {
    let texts = |branches: &Value, pointer: &str| -> Vec<String> {
        let branches = branches.as_array().into_iter().flatten();
        branches.filter_map(|branch| branch.pointer(pointer)?.as_str().map(str::to_owned)).collect()
    };
    let is_tag = key.segments().last() == Some(&crate::diagnostic::Segment::Key(TAG.to_owned()));
    if let Some(table) = key.parent().filter(|_| is_tag) {
        let kinds = schema::at_in(&table, document).and_then(|schema| schema::resolve(schema).get("oneOf"));
        return kinds.map(|kinds| texts(kinds, "/properties/kind/const")).unwrap_or_default();
    }
    let one_of = schema::at_in(key, document).and_then(|schema| schema::resolve(schema).get("oneOf"));
    one_of.map(|branches| texts(branches, "/const")).unwrap_or_default()
}
