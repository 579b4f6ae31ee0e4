//! A configuration as TOML.

use ops_config::{diagnostic::KeyPath, schema};
use serde_json::Value;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table};

/// A value as TOML writes it in one line; empty where it is nothing.
pub(crate) fn toml(value: &Value) -> String {
    plain(value).map(|value| value.to_string()).unwrap_or_default()
}

/// A value that stands in one line; none where TOML has none, which is for `null`.
pub(crate) fn plain(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(number)) => number.into(),
            (None, None) => return None,
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().filter_map(plain).collect::<Array>().into(),
        Value::Object(table) => {
            table.iter().filter_map(|(name, value)| Some((name, plain(value)?))).collect::<InlineTable>().into()
        }
    })
}

/// A document as tables with headers. What is not set is left out, and so is a table that holds nothing.
pub(crate) fn tables(value: &Value) -> DocumentMut {
    table(&KeyPath::root(), value).into()
}

fn table(key: &KeyPath, value: &Value) -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    for (name, value) in value.as_object().into_iter().flatten() {
        if let Some(item) = item(&key.key(name), value) {
            table.insert(name, item);
        }
    }
    table
}

fn item(key: &KeyPath, value: &Value) -> Option<Item> {
    match value {
        // Where a secret stands is one value.
        Value::Object(_) if !schema::is_secret(key) => {
            let table = table(key, value);
            (!table.is_empty()).then_some(Item::Table(table))
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
            let tables = items.iter().enumerate().map(|(at, item)| table(&key.index(at), item));
            Some(Item::ArrayOfTables(tables.collect::<ArrayOfTables>()))
        }
        other => plain(other).map(Item::Value),
    }
}

#[cfg(test)]
mod tests {
    use super::{tables, toml};
    use serde_json::json;

    #[test]
    fn a_value_is_written_as_toml_has_it() {
        assert_eq!(toml(&json!("a\"b")), "'a\"b'");
        assert_eq!(toml(&json!([1, 0.5, null, true])), "[1, 0.5, true]");
        assert_eq!(toml(&json!({ "a": 1.0, "b-c": [] })), "{ a = 1.0, b-c = [] }");
        assert_eq!(toml(&json!(null)), "");
    }

    #[test]
    fn a_document_has_headers_for_tables_and_none_for_what_holds_nothing() {
        let value = json!({
            "version": 1,
            "pools": { "main": { "url": { "env": "URL" }, "min_connections": 1 } },
            "breakers": {},
            "observability": { "otlp_endpoint": null, "sampling_rules": [{ "route": "/a" }, { "route": "/b" }] },
        });
        let text = tables(&value).to_string();
        let again: toml_edit::DocumentMut = text.parse().expect("TOML");
        assert_eq!(again["pools"]["main"]["url"]["env"].as_str(), Some("URL"), "{text}");
        assert!(
            text.contains("[pools.main]\nurl = { env = \"URL\" }\n")
                && text.contains("[[observability.sampling_rules]]"),
            "{text}"
        );
        assert!(!text.contains("breakers") && !text.contains("[pools]") && !text.contains("otlp_endpoint"), "{text}");
    }
}
