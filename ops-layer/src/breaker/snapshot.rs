//! What a circuit tells of itself, for metrics and for the operator.

use super::{change::Change, tally::CallOutcome, word::CircuitState};
use ops_config::{section::Mode, value::Name};
use std::time::{Duration, SystemTime};

/// What an operator forces a circuit to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forced {
    /// Every call is refused, where the mode is `enforce`.
    Open,
    /// Every call passes, and has no say in the state.
    Closed,
    /// Nothing: the circuit goes by its settings.
    Auto,
}

impl Forced {
    /// As it stands in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "forced_open",
            Self::Closed => "forced_closed",
            Self::Auto => "auto",
        }
    }
}

/// The configuration in force has no breaker of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no circuit breaker {0}")]
pub struct UnknownBreaker(pub String);

/// Calls that a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowCounts {
    /// All of them.
    pub calls: u64,
    /// Those that failed, or were slow.
    pub bad: u64,
}

/// One circuit's numbers, for metrics and for the operator.
#[derive(Clone, Debug)]
pub struct CircuitSnapshot {
    /// Its name.
    pub name: Name,
    /// Its state. An open circuit whose time is up is open until the next call; what it is forced to lies over it.
    pub state: CircuitState,
    /// When the state last changed; none if it never has.
    pub since: Option<SystemTime>,
    /// How often the state has changed; also counts half-open trials that were given up.
    pub epoch: u64,
    /// Failures in a row, while it is closed.
    pub failures: u64,
    /// Trials under way, while it is half-open.
    pub trials: u64,
    /// How often it opened without closing in between.
    pub openings: u64,
    /// What an operator forces it to.
    pub forced: Forced,
    /// For how long yet; none until somebody changes it.
    pub forced_for: Option<Duration>,
    /// How long it stays open yet; none unless it is open.
    pub retry_after: Option<Duration>,
    /// What an open circuit does.
    pub mode: Option<Mode>,
    /// The calls that the share of failed ones is of; none where that is not judged.
    pub failed: Option<WindowCounts>,
    /// The calls that the share of slow ones is of; none where that is not judged.
    pub slow: Option<WindowCounts>,
    /// The last sixteen changes, the oldest first.
    pub recent: Vec<Change>,
    /// Calls by outcome, since the circuit was made.
    pub calls: [(CallOutcome, u64); 7],
    /// Changes of state by from and to, since the circuit was made.
    pub transitions: [(CircuitState, CircuitState, u64); 4],
}

impl CircuitSnapshot {
    /// Every word that [`Self::label`] may be.
    pub const LABELS: [&'static str; 5] = ["closed", "open", "half_open", "forced_open", "forced_closed"];

    /// The state that calls meet: what it is forced to, or else its own.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self.forced {
            Forced::Auto => self.state.as_str(),
            forced => forced.as_str(),
        }
    }
}
