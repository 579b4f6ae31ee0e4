//! Which values are masked: those whose names speak of secrets, and those that the configuration names.
//!
//! Lines and spans ask the same. What is said at level warn or error within a recorded request stands in both.

use super::redact::is_secret;
use ops_config::section::LoggingConfig;
use std::sync::Arc;

/// What one configuration masks. Clones share the names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Masked {
    named: Arc<[Box<str>]>,
}

impl Masked {
    pub(super) fn new(config: &LoggingConfig) -> Self {
        Self { named: config.redact.iter().map(|name| name.as_str().into()).collect() }
    }

    /// Whether the value of this name is masked.
    pub(super) fn masks(&self, name: &str) -> bool {
        is_secret(name) || self.names(name)
    }

    /// Whether the configuration has this name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.named.iter().any(|named| named.eq_ignore_ascii_case(name))
    }
}
