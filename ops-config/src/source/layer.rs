//! One layer of what is said, as figment merges it.

use super::places::Places;
use crate::{
    diagnostic::{KeyPath, Origin},
    section::OpsConfig,
};
use figment::{
    value::{Dict, Map},
    Error, Metadata, Profile, Provider,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

/// What one source says, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    /// What the layer is called; no two may share it.
    pub(super) name: &'static str,
    /// What it says. `null`, which TOML does not have, stands for what JSON cannot say.
    pub(super) value: serde_json::Map<String, Value>,
    /// Where it says it.
    pub(super) places: Places,
    /// Whether every value has a place of its own.
    pub(super) is_placed: bool,
    /// What `null` stands for, as it was written: `nan`, a date.
    pub(super) unsayable: BTreeMap<KeyPath, String>,
}

impl Layer {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// The built-in defaults, but for the version: that one must be written.
    pub(super) fn defaults() -> &'static Self {
        static DEFAULTS: LazyLock<Layer> = LazyLock::new(|| {
            let mut layer = Layer::new("defaults");
            if let Ok(Value::Object(value)) = serde_json::to_value(OpsConfig::default()) {
                layer.value = value;
            }
            layer.value.shift_remove("version");
            layer
        });
        &DEFAULTS
    }

    /// Says a value at a key, making the tables on the way.
    pub(super) fn say(&mut self, key: &KeyPath, value: Value, origin: &Origin) {
        let mut names: Vec<&str> = Vec::new();
        for segment in key.segments() {
            let crate::diagnostic::Segment::Key(name) = segment else { return };
            names.push(name);
        }
        let Some((last, tables)) = names.split_last() else { return };
        let mut table = &mut self.value;
        for name in tables {
            let entry = table.entry(*name).or_insert_with(|| Value::Object(serde_json::Map::new()));
            if !entry.is_object() {
                *entry = Value::Object(serde_json::Map::new());
            }
            let Value::Object(next) = entry else { return };
            table = next;
        }
        table.insert((*last).to_owned(), value);
        self.places.say(&names, origin);
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let values = figment::value::Value::serialize(&self.value)?.into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, values)]))
    }
}
