//! What is logged, and how, until the next reload.

use super::levels::Levels;
use crate::telemetry::masked::Masked;
use ops_config::section::{LogFormat, LoggingConfig};

/// What is logged, and how, until the next reload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogSettings {
    pub(super) levels: Levels,
    pub(super) format: LogFormat,
    pub(super) service: String,
    masked: Masked,
}

impl LogSettings {
    pub(crate) fn new(config: &LoggingConfig, service: &str) -> Self {
        Self {
            levels: Levels::new(&config.level),
            format: config.format,
            service: service.to_owned(),
            masked: Masked::new(config),
        }
    }

    /// What is masked, in spans as well.
    pub(in crate::telemetry) const fn masked(&self) -> &Masked {
        &self.masked
    }

    /// Whether the value of a field of this name is masked.
    pub(super) fn masks(&self, name: &str) -> bool {
        self.masked.masks(name)
    }
}
