//! `[reload]`: how a changed file is noticed.

use crate::value::{minutes, seconds, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a changed file is noticed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReloadConfig {
    /// How long a file written in place must have been quiet before it is read. Time, 0s to 10s. A rename, or a close after
    /// writing, whose content checks out is taken at once; one that looks cut off has two seconds, and
    /// one that its writer holds open has ten.
    ///
    /// Reload: applies to the next change.
    pub settle: Period<0, { seconds(10) }>,

    /// How often the file is looked at where no events arrive. Time, 100ms to 5m.
    ///
    /// Reload: applies from the next look.
    pub poll_interval: Period<100, { minutes(5) }>,
}

impl Default for ReloadConfig {
    fn default() -> Self {
        Self { settle: Period::literal(50), poll_interval: Period::literal(5000) }
    }
}
