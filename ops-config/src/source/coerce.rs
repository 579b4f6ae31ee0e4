//! A text as the value that the schema asks for.
//!
//! A variable is only text. What it becomes is decided by the key it is for and
//! never by its look: `12345` is a text where the key takes a text, `1e3` is no
//! whole number. A text that does not fit stays a text, for the schema to report.

use super::document;
use crate::{
    diagnostic::KeyPath,
    schema::{self, ValueType},
};
use serde_json::Value;
use toml::de::DeValue;

/// The value that `text` says at `key`. `Err` holds what cannot be said in JSON, as `nan`.
pub(super) fn value(text: &str, key: &KeyPath) -> Result<Value, String> {
    let Some(schema) = schema::at(key) else { return Ok(text.into()) };
    let trimmed = text.trim();
    let value = match schema::value_type(schema) {
        Some(ValueType::Integer) => whole(trimmed),
        Some(ValueType::Number) => match trimmed.parse::<f64>() {
            Ok(number) if !number.is_finite() => return Err(trimmed.to_owned()),
            Ok(number) => whole(trimmed).or_else(|| Some(number.into())),
            Err(_) => None,
        },
        Some(ValueType::Boolean) => match trimmed.to_ascii_lowercase().as_str() {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => None,
        },
        Some(ValueType::Array | ValueType::Object) => structure(trimmed),
        Some(ValueType::String) if schema::is_secret(key) => reference(trimmed),
        Some(ValueType::String) | None => None,
    };
    Ok(value.unwrap_or_else(|| text.into()))
}

/// A whole number in its one decimal form, without zeros before it.
fn whole(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    if !plain {
        return None;
    }
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

/// A list or a table, written in JSON or as a value of TOML.
fn structure(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return (value.is_array() || value.is_object()).then_some(value);
    }
    let value = DeValue::parse(text).ok()?;
    (value.get_ref().is_array() || value.get_ref().is_table()).then(|| toml(value.get_ref())).flatten()
}

fn toml(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| toml(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entry = |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
                Some((key.get_ref().to_string(), toml(value.get_ref())?))
            };
            table.iter().map(entry).collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
        }
        scalar => document::scalar(scalar),
    }
}

/// Where a secret stands, if the text is that. Any other text is the secret itself.
fn reference(text: &str) -> Option<Value> {
    let value = text.starts_with('{').then(|| structure(text)).flatten()?;
    let only = value.as_object().filter(|object| object.len() == 1)?.keys().next()?;
    matches!(only.as_str(), "env" | "file").then_some(value)
}
