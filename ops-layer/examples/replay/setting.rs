//! The settings, as a line says them.

use ops_config::section::CircuitBreakerConfig;
use serde_json::{Map, Value};

/// What lines have said so far, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    /// These, with what another line says on top.
    pub(super) fn with(&self, keys: Map<String, Value>) -> Self {
        let mut settings = self.clone();
        for (key, value) in keys {
            let (key, value) = in_units(key, value);
            // Without a key it has its default.
            settings.0.remove(&key);
            if !value.is_null() {
                settings.0.insert(key, value);
            }
        }
        settings
    }

    /// As the file would be read: the same types, the same ranges.
    pub(super) fn read(&self) -> serde_json::Result<CircuitBreakerConfig> {
        serde_json::from_value(Value::Object(self.0.clone()))
    }
}

/// Lengths of time are texts with a unit in the configuration, and numbers under `…_ms` here.
fn in_units(key: String, value: Value) -> (String, Value) {
    let value = match value {
        Value::Object(keys) => keys.into_iter().map(|(key, value)| in_units(key, value)).collect(),
        value => value,
    };
    match key.strip_suffix("_ms") {
        Some(key) if value.is_null() => (key.to_owned(), value),
        Some(key) => (key.to_owned(), Value::String(format!("{value}ms"))),
        None => (key, value),
    }
}
