//! `[shutdown]`: how the process ends.

use crate::value::{hours, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the process ends after SIGTERM or Ctrl-C.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShutdownConfig {
    /// The time for everything: what is still under way when it ends is cut. Time, 100ms to 1h.
    ///
    /// Reload: applies to the next shutdown; one that has begun keeps its deadline.
    pub timeout: Period<100, { hours(1) }>,

    /// How long requests are still taken after readiness has failed, so that balancers can look away. Time, 0s to 1h;
    /// shorter than `timeout`.
    ///
    /// Reload: applies to the next shutdown; one that has begun keeps its deadline.
    pub drain_delay: Period<0, { hours(1) }>,
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { timeout: Period::literal(30_000), drain_delay: Period::literal(0) }
    }
}
