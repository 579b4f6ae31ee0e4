//! A circuit breaker, as the operator is shown it.

use super::config::time;
use crate::breaker::{Change, CircuitSnapshot, CircuitState, WindowCounts};
use ops_config::section::Mode;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// One breaker, in the order of its fields. Times are RFC 3339, in UTC; lengths of time are seconds.
#[derive(Debug, Serialize)]
pub(super) struct Breaker {
    pub(super) name: String,
    /// What calls meet: `closed`, `open`, `half_open`, or `forced_open` or `forced_closed`.
    state: &'static str,
    /// The state below, which calls meet again once nobody forces it.
    own_state: &'static str,
    /// When its own state last changed; null if it never has.
    since: Option<String>,
    /// How long its own state stays open yet; null unless it is open.
    retry_after_seconds: Option<f64>,
    /// `forced_open`, `forced_closed` or `auto`.
    forced: &'static str,
    /// When that ends; null if it is `auto`, or has no end.
    forced_until: Option<String>,
    /// What an open circuit does: `off`, `observe` or `enforce`.
    mode: Option<Mode>,
    /// How often its own state has changed; also counts half-open trials that were given up.
    epoch: u64,
    /// Failures in a row, while it is closed.
    failures: u64,
    /// Trials under way, while it is half-open.
    trials: u64,
    /// How often it opened without closing in between.
    openings: u64,
    /// The calls that the share of failed ones is of; null where that is not judged.
    failure_rate: Option<Window>,
    /// The calls that the share of slow ones is of; null where that is not judged.
    slow_calls: Option<Window>,
    /// How many calls ended in each way, since the circuit was made.
    calls: BTreeMap<&'static str, u64>,
    transitions: Vec<Transition>,
    /// The last sixteen changes, the oldest first.
    recent: Vec<Recent>,
}

/// The calls that a window holds.
#[derive(Debug, Serialize)]
struct Window {
    calls: u64,
    /// Those that failed, or were slow.
    bad: u64,
}

/// How often the state changed in one way.
#[derive(Debug, Serialize)]
struct Transition {
    from: &'static str,
    to: &'static str,
    count: u64,
}

/// One change.
#[derive(Debug, Serialize)]
struct Recent {
    at: String,
    from: &'static str,
    to: &'static str,
}

impl Breaker {
    /// When it is no longer forced to what it is forced to.
    pub(super) fn forced_until(&self) -> Option<&str> {
        self.forced_until.as_deref()
    }

    /// What it is forced to, or `auto`.
    pub(super) const fn forced(&self) -> &'static str {
        self.forced
    }
}

impl From<CircuitSnapshot> for Breaker {
    fn from(circuit: CircuitSnapshot) -> Self {
        let transition = |(from, to, count): (CircuitState, CircuitState, u64)| Transition {
            from: from.as_str(),
            to: to.as_str(),
            count,
        };
        let forced_until = circuit.forced_for.and_then(|yet| SystemTime::now().checked_add(yet));
        Self {
            state: circuit.label(),
            own_state: circuit.state.as_str(),
            since: circuit.since.map(time),
            retry_after_seconds: circuit.retry_after.as_ref().map(Duration::as_secs_f64),
            forced: circuit.forced.as_str(),
            forced_until: forced_until.map(time),
            mode: circuit.mode,
            epoch: circuit.epoch,
            failures: circuit.failures,
            trials: circuit.trials,
            openings: circuit.openings,
            failure_rate: circuit.failed.map(Window::from),
            slow_calls: circuit.slow.map(Window::from),
            calls: circuit.calls.iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect(),
            transitions: circuit.transitions.into_iter().map(transition).collect(),
            recent: circuit.recent.into_iter().map(Recent::from).collect(),
            name: circuit.name.to_string(),
        }
    }
}

impl From<WindowCounts> for Window {
    fn from(counts: WindowCounts) -> Self {
        Self { calls: counts.calls, bad: counts.bad }
    }
}

impl From<Change> for Recent {
    fn from(change: Change) -> Self {
        Self { at: time(change.at), from: change.from.as_str(), to: change.to.as_str() }
    }
}
