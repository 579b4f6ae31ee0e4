//! What is logged, and how, until the next reload.

use super::levels::Levels;
use crate::telemetry::redact;
use ops_config::section::{LogFormat, LoggingConfig};

/// What is logged, and how, until the next reload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogSettings {
    pub(super) levels: Levels,
    pub(super) format: LogFormat,
    pub(super) service: String,
    /// Names of fields that the program's operator wants masked besides those that speak of secrets.
    redacted: Box<[Box<str>]>,
}

impl LogSettings {
    pub(crate) fn new(config: &LoggingConfig, service: &str) -> Self {
        Self {
            levels: Levels::new(&config.level),
            format: config.format,
            service: service.to_owned(),
            redacted: config.redact.iter().map(|name| name.as_str().into()).collect(),
        }
    }

    /// Whether the value of a field of this name is masked.
    pub(super) fn masks(&self, name: &str) -> bool {
        redact::is_secret(name) || self.redacted.iter().any(|redacted| redacted.eq_ignore_ascii_case(name))
    }
}
