//! `[limits]`: how much is taken on at once, and for how long.

use crate::value::{hours, Count, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much is taken on at once, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// How long a request may take until its response begins; then it is answered 504. Time, 1ms to 24h. Left out: no limit.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout: Option<Period<1, { hours(24) }>>,

    /// Requests taken on at once, each until its response has been sent whole; beyond it they are answered 503. Count, 1 to 1000000.
    ///
    /// Reload: admission follows the new bound at once; requests under way go on.
    pub max_in_flight: Count<1, 1_000_000>,

    /// What these limits do.
    ///
    /// Reload: applies to the next request.
    pub mode: Mode,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { request_timeout: None, max_in_flight: Count::literal(1024), mode: Mode::Enforce }
    }
}

/// What a guard does with what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Mode {
    /// Nothing: requests pass as if it were not there.
    Off,
    /// Counts what it would refuse, and lets it pass.
    Observe,
    /// Refuses.
    #[default]
    Enforce,
}
