//! A configuration that has passed every check.

use super::Digest;
use crate::{
    diagnostic::{KeyPath, Origin},
    section::OpsConfig,
    value::{Secret, SecretSource},
};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, path::PathBuf};

/// A configuration that has passed every check. Only `check` makes one.
#[derive(Debug)]
pub struct Checked {
    config: OpsConfig,
    value: serde_json::Value,
    origins: BTreeMap<KeyPath, Origin>,
    sha256: Digest,
    secret_files: Vec<PathBuf>,
    in_place: BTreeMap<KeyPath, Secret>,
    warnings: Vec<String>,
}

impl Checked {
    pub(super) fn new(mut config: OpsConfig, origins: BTreeMap<KeyPath, Origin>, warnings: Vec<String>) -> Self {
        let value = serde_json::to_value(&config).unwrap_or_default();
        let sha256 = Digest(Sha256::digest(canonical(&value).to_string()).into());
        let file = |(_, secret): (_, &mut Secret)| match secret.source() {
            SecretSource::File(path) => Some(path.clone()),
            SecretSource::Inline | SecretSource::Env(_) => None,
        };
        let mut secret_files: Vec<_> = config.secrets_mut().filter_map(file).collect();
        secret_files.sort();
        secret_files.dedup();
        let in_place = config.secrets_mut().filter(|(_, secret)| *secret.source() == SecretSource::Inline);
        let in_place = in_place.map(|(key, secret)| (key.into_iter().collect(), secret.clone())).collect();
        Self { config, value, origins, sha256, secret_files, in_place, warnings }
    }

    /// The configuration as the types the code reads.
    #[must_use]
    pub const fn config(&self) -> &OpsConfig {
        &self.config
    }

    /// The configuration as a document, every default filled in, secrets masked.
    #[must_use]
    pub const fn value(&self) -> &serde_json::Value {
        &self.value
    }

    /// Where each leaf of the document came from; what is not listed is a default.
    #[must_use]
    pub const fn origins(&self) -> &BTreeMap<KeyPath, Origin> {
        &self.origins
    }

    /// Where the value of a key came from. A key that is not listed came with the nearest table
    /// above it that is, or with what stands below it: a secret that stands elsewhere is a table of
    /// one key. One of which nothing is listed is a default, and so is the root.
    #[must_use]
    pub fn origin(&self, key: &KeyPath) -> Origin {
        let above = || std::iter::successors(Some(key.clone()), KeyPath::parent);
        let is_below = |inner: &KeyPath| *key != KeyPath::root() && key.touches(inner);
        let below = || self.origins.iter().find(|(inner, _)| is_below(inner)).map(|(_, origin)| origin);
        above().find_map(|key| self.origins.get(&key)).or_else(below).cloned().unwrap_or_default()
    }

    /// The digest of the document, in whatever order it was written. A secret that changed does
    /// not change it: a digest of a password could be tried against guesses.
    #[must_use]
    pub const fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The files that secrets were read from, to be watched as well; sorted.
    #[must_use]
    pub fn secret_files(&self) -> &[PathBuf] {
        &self.secret_files
    }

    /// What was ignored and should be known, such as a standard variable of OpenTelemetry with a
    /// value that cannot be used; one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether the same is written in both, secrets that are written in place included. What stands behind
    /// references may differ.
    #[must_use]
    pub fn reads_as(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.in_place == other.in_place
    }

    /// Whether both mean the same, secrets included. Where a value was written does not count.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.config == other.config
    }
}

/// The document with its keys in order, so that the same configuration has one digest.
fn canonical(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(object) => {
            let sorted: BTreeMap<&String, &serde_json::Value> = object.iter().collect();
            sorted.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect()
        }
        serde_json::Value::Array(items) => items.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_is_not_part_of_a_configuration() {
        let (one, other) = (json!({"b": [{"y": 1, "x": 2}], "a": 0}), json!({"a": 0, "b": [{"x": 2, "y": 1}]}));
        assert_ne!(one.to_string(), other.to_string());
        assert_eq!(canonical(&one).to_string(), canonical(&other).to_string());
    }
}
