//! `[reload]`: how a changed file is noticed, and what happens when it breaks the service.

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

    /// How long a new configuration is watched after it came in force. Time, 0s to 10m; 0s: not at all. The one before it comes
    /// back, as a new generation, when within that time readiness is lost, a circuit breaker that enforces opens, or of at least
    /// 20 requests a tenth or more fail (5xx) and far more than before. The file is then not tried again until it changes. Faults
    /// of a `[chaos]` experiment count like any others: what switches one on and should keep it sets 0s.
    ///
    /// Reload: applies to the configuration that sets it, from the moment it is in force.
    pub probation: Period<0, { minutes(10) }>,
}

impl Default for ReloadConfig {
    fn default() -> Self {
        Self { settle: Period::literal(50), poll_interval: Period::literal(5000), probation: Period::literal(0) }
    }
}
