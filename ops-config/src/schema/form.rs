//! How a value is written in TOML.

use super::{resolve, value_type, ValueType};
use serde_json::Value;

/// How a value is written in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `key = value`. A table, too, that has a required key: it makes sense only whole.
    Inline,
    /// `[key]`.
    Table,
    /// `[key.name]` for each name.
    Named,
    /// `[[key]]` for each item.
    Repeated,
}

impl Form {
    /// The form of what a schema describes.
    pub(super) fn of(schema: &'static Value) -> Self {
        let schema = resolve(schema);
        let is_table = |schema: Option<&'static Value>| schema.and_then(value_type) == Some(ValueType::Object);
        let named = schema.get("patternProperties").and_then(|names| names.as_object()?.values().next());
        if is_table(named) {
            Self::Named
        } else if is_table(schema.get("items")) {
            Self::Repeated
        } else if is_table(Some(schema)) && named.is_none() && schema.get("required").is_none() {
            Self::Table
        } else {
            Self::Inline
        }
    }
}

/// A value as TOML writes it in one line.
pub(super) fn toml_text(value: &Value) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match value {
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Array(items) => format!("[{}]", join(items.iter().map(toml_text).collect())),
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let pair = |(name, value): (&String, &Value)| {
                let name = crate::diagnostic::KeyPath::root().key(name);
                format!("{name} = {}", toml_text(value))
            };
            format!("{{ {} }}", join(table.iter().map(pair).collect()))
        }
        scalar => scalar.to_string(),
    }
}
