//! `[retries.NAME]`: calls of other services, made again.

use super::Mode;
use crate::value::{hours, minutes, seconds, Count, GrpcStatus, List, MethodName, Period, Ratio, StatusPattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a call of another service that failed is made again. Used in code by its name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// How often a call is made at most, the first time included. Count, 1 to 100.
    ///
    /// Reload: applies to the next call; those under way keep theirs.
    pub max_attempts: Count<1, 100>,

    /// The longest pause before the second attempt; it doubles before each further one. A pause is drawn evenly from
    /// nothing to that. Time, 1ms to 1m; at most `max_backoff`.
    ///
    /// Reload: applies to the next call.
    pub initial_backoff: Period<1, { minutes(1) }>,

    /// The longest pause before any attempt. A service that asks for more with `Retry-After` is not called again.
    /// Time, 1ms to 10m.
    ///
    /// Reload: applies to the next call.
    pub max_backoff: Period<1, { minutes(10) }>,

    /// How long one attempt may take until its response begins; then it has failed. Time, 1ms to 1h. Left out: no limit.
    ///
    /// Reload: applies to the next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt_timeout: Option<Period<1, { hours(1) }>>,

    /// The response statuses after which a call is made again: "503", "5xx". Up to 100 of them.
    ///
    /// Reload: applies to the next call.
    pub statuses: List<StatusPattern, 0, 100>,

    /// The statuses of gRPC after which a call is made again, where the head of the response tells them. Up to 16 of them.
    ///
    /// Reload: applies to the next call.
    pub grpc_statuses: List<GrpcStatus, 0, 16>,

    /// The methods whose requests may be sent twice. Others are sent again only where the program says so of the
    /// request. gRPC sends everything as POST. Up to 32 of them.
    ///
    /// Reload: applies to the next call.
    pub methods: List<MethodName, 0, 32>,

    /// How many attempts may be added to the calls, so that a service which fails is not overrun.
    pub budget: RetryBudgetConfig,

    /// Whether calls are made again; "observe" counts those that would be.
    ///
    /// Reload: applies to the next call; what was earned is kept.
    pub mode: Mode,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: Count::literal(3),
            initial_backoff: Period::literal(25),
            max_backoff: Period::literal(1000),
            attempt_timeout: None,
            statuses: List::literal([502, 503, 504].map(StatusPattern::of)),
            grpc_statuses: List::literal([GrpcStatus::Unavailable]),
            methods: List::literal(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].map(MethodName::literal)),
            budget: RetryBudgetConfig::default(),
            mode: Mode::Enforce,
        }
    }
}

/// How many attempts may be added to the calls: at any moment, `ratio` of the calls of the window that ends there, and
/// `min_per_second` beside.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct RetryBudgetConfig {
    /// What each call earns, in attempts. Ratio, 0.0 to 1.0.
    ///
    /// Reload: applies at once, also to the calls of the window so far.
    pub ratio: Ratio,

    /// What is there without any calls, for services that are rarely called. Count, 0 to 10000.
    ///
    /// Reload: applies at once.
    pub min_per_second: Count<0, 10_000>,

    /// How far back calls earn and attempts count. Time, 1s to 1m.
    ///
    /// Reload: applies at once; a minute is always remembered, so nothing is lost.
    pub window: Period<{ seconds(1) }, { minutes(1) }>,
}

impl Default for RetryBudgetConfig {
    fn default() -> Self {
        Self { ratio: Ratio::literal(0.2), min_per_second: Count::literal(10), window: Period::literal(seconds(10)) }
    }
}
