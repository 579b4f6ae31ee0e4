//! The way from a key to what the schema says of it.

use super::document;
use crate::diagnostic::{KeyPath, Segment};
use serde_json::Value;
use std::{collections::HashMap, sync::LazyLock};

/// What a key holds, as far as a text can be turned into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A text; a secret, too, which may also be a table that says where it stands.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// A table.
    Object,
}

/// What the schema says of a key: its own words (`description`, `default`) and its
/// type, which may be a `$ref` for [`resolve`]. None for a key that does not exist.
///
/// A table that comes in several kinds is searched in all of them; see [`at_in`].
#[must_use]
pub fn at(key: &KeyPath) -> Option<&'static Value> {
    at_in(key, &Value::Null)
}

/// As [`at`], where the document decides which kind a table is of: `path` is a key
/// of a check only if its `kind` is `disk`.
#[must_use]
pub fn at_in(key: &KeyPath, document: &Value) -> Option<&'static Value> {
    let mut schema = self::document();
    let mut found = document;
    for segment in key.segments() {
        schema = child(schema, found, segment)?;
        found = match segment {
            Segment::Key(key) => found.get(key),
            Segment::Index(index) => found.get(index),
        }
        .unwrap_or(&Value::Null);
    }
    Some(schema)
}

/// What the schema of a table or list says of what is one step within it; `found` decides which
/// kind of table it is. Whoever walks a whole document goes by steps: [`at`] begins at the root.
pub(crate) fn child(schema: &'static Value, found: &Value, segment: &Segment) -> Option<&'static Value> {
    let schema = resolve(schema);
    match schema.get("oneOf") {
        None => step(schema, segment),
        Some(_) => branches(schema, found).into_iter().find_map(|branch| step(branch, segment)),
    }
}

/// The type behind a `$ref`; any other schema as it is.
#[must_use]
pub fn resolve(schema: &'static Value) -> &'static Value {
    /// Each type by its reference: following the pointer each time is most of the cost of a check.
    static TYPES: LazyLock<HashMap<String, &'static Value>> = LazyLock::new(|| {
        let types = document().get("$defs").and_then(Value::as_object).into_iter().flatten();
        types.map(|(name, schema)| (format!("#/$defs/{name}"), schema)).collect()
    });
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| TYPES.get(reference));
    target.copied().unwrap_or(schema)
}

/// What a value of this schema may be, as the end of the sentence "expected …".
#[must_use]
pub fn expected(schema: &'static Value) -> String {
    let schema = resolve(schema);
    if let Some(words) = schema.get("x-expected").and_then(Value::as_str) {
        return words.to_owned();
    }
    if let Some(choices) = choices(schema) {
        return choices;
    }
    match value_type(schema) {
        Some(ValueType::String) => "a text",
        Some(ValueType::Integer) => "a whole number",
        Some(ValueType::Number) => "a number",
        Some(ValueType::Boolean) => "true or false",
        Some(ValueType::Array) => return list(schema),
        Some(ValueType::Object) | None => "a table",
    }
    .to_owned()
}

/// Whether what stands at the key must not be shown. Where a secret is to be found
/// may be shown; anything else written inside one may be the secret itself.
#[must_use]
pub fn is_secret(key: &KeyPath) -> bool {
    match at(key) {
        Some(schema) => says_secret(schema),
        None => key.parent().is_some_and(|parent| is_secret(&parent)),
    }
}

/// Whether what this schema describes must not be shown.
pub(crate) fn says_secret(schema: &'static Value) -> bool {
    resolve(schema).get("x-secret").is_some()
}

/// The keys that the table at this key may have; the document decides which kind
/// of table it is. Empty where names are free.
#[must_use]
pub fn known_keys(key: &KeyPath, document: &Value) -> Vec<&'static str> {
    let found = key.find(document).unwrap_or(&Value::Null);
    let mut keys = Vec::new();
    for branch in at_in(key, document).map(|schema| branches(resolve(schema), found)).unwrap_or_default() {
        for name in branch.get("properties").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
            if !keys.contains(&name.as_str()) {
                keys.push(name);
            }
        }
    }
    keys
}

/// What a value of this schema is made of; none where the schema leaves it open.
#[must_use]
pub fn value_type(schema: &'static Value) -> Option<ValueType> {
    let schema = resolve(schema);
    let Some(name) = schema.get("type").and_then(Value::as_str) else {
        return schema.get("oneOf")?.as_array()?.iter().find_map(value_type);
    };
    match name {
        "string" => Some(ValueType::String),
        "integer" => Some(ValueType::Integer),
        "number" => Some(ValueType::Number),
        "boolean" => Some(ValueType::Boolean),
        "array" => Some(ValueType::Array),
        "object" => Some(ValueType::Object),
        _ => None,
    }
}

/// The alternatives of a schema that fit what was found: the one whose tag is
/// written there, else all. A schema without alternatives is its own.
pub(super) fn branches(schema: &'static Value, found: &Value) -> Vec<&'static Value> {
    let Some(all) = schema.get("oneOf").and_then(Value::as_array) else { return vec![schema] };
    // To look into each alternative is much of what a walk costs; mostly there is nothing to look for.
    let Some(kind) = found.get("kind") else { return all.iter().collect() };
    let tagged = |branch: &&Value| branch.pointer("/properties/kind/const") == Some(kind);
    match all.iter().find(tagged) {
        Some(branch) => vec![branch],
        None => all.iter().collect(),
    }
}

fn step(schema: &'static Value, segment: &Segment) -> Option<&'static Value> {
    let Segment::Key(key) = segment else { return schema.get("items") };
    let named = schema.get("properties").and_then(|properties| properties.get(key));
    // Tables by name: the one pattern is that of the names, whatever this one looks like.
    let free = || schema.get("patternProperties").and_then(|patterns| patterns.as_object()?.values().next());
    let other = || schema.get("additionalProperties").filter(|schema| schema.is_object());
    named.or_else(free).or_else(other)
}

/// The texts a closed set consists of, or the kinds a table comes in.
fn choices(schema: &'static Value) -> Option<String> {
    let branches = schema.get("oneOf")?.as_array()?;
    let texts = |pointer: &str| -> Option<Vec<String>> {
        branches.iter().map(|branch| branch.pointer(pointer).map(Value::to_string)).collect()
    };
    if let Some(texts) = texts("/const") {
        return Some(alternatives(&texts));
    }
    texts("/properties/kind/const").map(|kinds| format!("a table with kind = {}", alternatives(&kinds)))
}

pub(super) fn alternatives(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

fn list(schema: &'static Value) -> String {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let size = match (bound("minItems"), bound("maxItems")) {
        (None | Some(0), Some(max)) => format!("a list of up to {max}"),
        (Some(min), Some(max)) => format!("a list of {min} to {max}"),
        _ => "a list".to_owned(),
    };
    match schema.get("items") {
        Some(items) => format!("{size}, each {}", expected(items)),
        None => size,
    }
}
