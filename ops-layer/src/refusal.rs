//! Why the stack did not let a request through.

use ops_config::value::Name;
use std::{fmt, time::Duration};

/// Why the stack did not let a request through. One flat type for all layers;
/// the outermost one makes the response from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A circuit breaker is open.
    CircuitOpen {
        /// Its name.
        breaker: Name,
        /// When the next trial may be made, if known.
        retry_after: Option<Duration>,
    },
    /// As many requests as allowed are under way.
    Overloaded,
    /// The response did not begin in time.
    Timeout,
    /// Requests came faster than a rate allows.
    RateLimited {
        /// The rate's name.
        limit: Name,
        /// When there is a token again.
        retry_after: Duration,
    },
    /// Chaos made the service unreachable.
    Partitioned,
    /// Chaos closes the connection without a response.
    Dropped,
}

impl Refusal {
    /// Every reason, as it stands in problem responses and in the `reason` label.
    pub const REASONS: [&'static str; 5] = ["circuit_open", "overloaded", "timeout", "chaos", "rate_limited"];

    /// The reason, as it stands in problem responses and in the `reason` label.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        Self::REASONS[self.reason_index()]
    }

    /// The place of the reason in [`Self::REASONS`].
    #[must_use]
    pub const fn reason_index(&self) -> usize {
        match self {
            Self::CircuitOpen { .. } => 0,
            Self::Overloaded => 1,
            Self::Timeout => 2,
            Self::Partitioned | Self::Dropped => 3,
            Self::RateLimited { .. } => 4,
        }
    }

    /// The status of the response.
    #[must_use]
    pub const fn status(&self) -> http::StatusCode {
        match self {
            Self::Timeout => http::StatusCode::GATEWAY_TIMEOUT,
            Self::RateLimited { .. } => http::StatusCode::TOO_MANY_REQUESTS,
            _ => http::StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// When to come again, if known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::CircuitOpen { retry_after, .. } => *retry_after,
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CircuitOpen { breaker, .. } => write!(f, "circuit breaker {breaker} is open"),
            Self::Overloaded => f.write_str("as many requests as allowed are under way"),
            Self::RateLimited { limit, .. } => write!(f, "requests come faster than rate {limit} allows"),
            Self::Timeout => f.write_str("the response did not begin in time"),
            Self::Partitioned => f.write_str("chaos: the service cannot be reached"),
            Self::Dropped => f.write_str("chaos: the connection is closed"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A guard of ours did not let a call be made: the last cause of an error that says so, such as that of an open breaker.
/// Found in a chain of causes whatever the types on the way, so that whoever repeats calls can leave those alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call was not made")]
pub struct NotMade;

/// What a layer of the stack ends with when there is no response: a refusal of
/// ours, or the service's own error, never mixed up.
#[derive(Debug)]
pub enum Fault<E> {
    /// The stack refused.
    Refused(Refusal),
    /// The service failed.
    Inner(E),
}
