//! `[breakers.NAME]`: circuit breakers.

use super::Mode;
use crate::value::{hours, CallWindow, Count, Factor, GrpcStatus, List, Period, Ratio, RoutePattern, StatusPattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When to stop calling a dependency that keeps failing, and when to try again.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CircuitBreakerConfig {
    /// Which requests of the stack it judges. Path patterns. Empty: none, it is used in code by its name.
    ///
    /// Reload: applies to the next request; the state is kept.
    pub routes: List<RoutePattern, 0, 1000>,

    /// Consecutive failures that open the circuit. Count, 1 to 10000.
    ///
    /// Reload: applies to the next result; the state is kept.
    pub failure_threshold: Count<1, 10_000>,

    /// How long the circuit stays open before a trial. Time, 10ms to 1h.
    ///
    /// Reload: a circuit already open is measured against the new value.
    pub reset_timeout: Period<10, { hours(1) }>,

    /// How much longer it stays open each time that a trial fails. Left out: always `reset_timeout`.
    ///
    /// Reload: a circuit already open is measured against the new values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_backoff: Option<ResetBackoff>,

    /// How long a trial may take; after that another call may try in its place, and it has no say any more. Time, 10ms to 1h. Left out: `reset_timeout`.
    ///
    /// Reload: trials under way are measured against the new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_timeout: Option<Period<10, { hours(1) }>>,

    /// Trial calls at once while the circuit is half-open. Count, 1 to 1000.
    ///
    /// Reload: applies to the next trial; those under way go on.
    pub half_open_max_calls: Count<1, 1000>,

    /// Opens the circuit also when too large a share of recent calls failed. Left out: not judged.
    ///
    /// Reload: the threshold applies to the next result; another window keeps what it can: a longer one knows no calls from before its save that the shorter one had forgotten, and a change between time and calls starts empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_rate: Option<FailureRate>,

    /// Opens the circuit also when too large a share of recent calls was slow. Left out: not judged.
    ///
    /// Reload: the threshold applies to the next result; another window keeps what it can: a longer one knows no calls from before its save that the shorter one had forgotten, and a change between time and calls starts empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_calls: Option<SlowCalls>,

    /// The response statuses that are failures: "503", "5xx". 1 to 100 of them.
    ///
    /// Reload: applies to the next response.
    pub failure_statuses: List<StatusPattern, 1, 100>,

    /// The gRPC statuses that are failures, where an answer says one in its head. Up to 17 of them.
    ///
    /// Reload: applies to the next response.
    pub failure_grpc_statuses: List<GrpcStatus, 0, 17>,

    /// What an open circuit does.
    ///
    /// Reload: applies to the next request; the state is kept.
    pub mode: Mode,
}

impl CircuitBreakerConfig {
    /// The name of the table that is no breaker: every breaker takes from it the keys it leaves out.
    pub const DEFAULT: &'static str = "default";
}

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self {
            routes: List::default(),
            failure_threshold: Count::literal(5),
            reset_timeout: Period::literal(30_000),
            half_open_max_calls: Count::literal(1),
            reset_backoff: None,
            trial_timeout: None,
            failure_rate: None,
            slow_calls: None,
            failure_statuses: List::literal([StatusPattern::SERVER_ERRORS]),
            failure_grpc_statuses: List::literal(GrpcStatus::OF_SERVERS),
            mode: Mode::Enforce,
        }
    }
}

/// How much longer a circuit stays open each time that a trial fails, until it closes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ResetBackoff {
    /// Each opening is so many times as long as the one before. Number, 1.0 to 10.0.
    pub factor: Factor,

    /// The longest, before chance is added; never less than `reset_timeout`. Time, 10ms to 1h.
    pub max: Period<10, { hours(1) }>,

    /// Up to this share is added by chance, so that many instances do not try at once. Ratio, 0.0 to 1.0.
    pub jitter: Ratio,
}

/// How large a share of recent calls may fail.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct FailureRate {
    /// The share of failed calls that opens the circuit. Ratio, 0.0 to 1.0.
    pub threshold: Ratio,

    /// How far back calls are counted: a time from 100ms to 10m, in sixteen buckets, or a count of calls from 1 to 1000, exactly.
    pub window: CallWindow,

    /// Fewer calls than this in the window are not judged; a window of fewer calls is judged when it is full. Count, 1 to 1000000.
    pub min_calls: Count<1, 1_000_000>,
}

/// How large a share of recent calls may be slow.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct SlowCalls {
    /// A call that takes longer is slow. Time, 1ms to 1h.
    pub slower_than: Period<1, { hours(1) }>,

    /// The share of slow calls that opens the circuit. Ratio, 0.0 to 1.0.
    pub threshold: Ratio,

    /// How far back calls are counted: a time from 100ms to 10m, in sixteen buckets, or a count of calls from 1 to 1000, exactly.
    pub window: CallWindow,

    /// Fewer calls than this in the window are not judged; a window of fewer calls is judged when it is full. Count, 1 to 1000000.
    pub min_calls: Count<1, 1_000_000>,
}
