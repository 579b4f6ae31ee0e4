//! A configuration that has passed every check.

use super::Digest;
use crate::{
    diagnostic::{KeyPath, Origin},
    section::OpsConfig,
};
use std::collections::BTreeMap;

/// A configuration that has passed every check. Only `check` makes one.
#[derive(Debug)]
pub struct Checked {
    config: OpsConfig,
    value: serde_json::Value,
    origins: BTreeMap<KeyPath, Origin>,
    sha256: Digest,
}

impl Checked {
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

    /// The digest of the document.
    #[must_use]
    pub const fn sha256(&self) -> Digest {
        self.sha256
    }
}
