//! What a circuit remembers, and what it tells.

use super::{
    machine::{CircuitState, Machine, Transition},
    tally::{CallOutcome, Tally},
};
use ops_config::value::Name;

/// What one circuit remembers: it belongs to the process, goes by its name, and outlives
/// every reload that keeps the name.
#[derive(Debug)]
pub struct Circuit {
    name: Name,
    pub(super) machine: Machine,
    pub(super) tally: Tally,
}

impl Circuit {
    pub(super) fn closed(name: Name) -> Self {
        Self { name, machine: Machine::closed(), tally: Tally::default() }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Its state now.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        self.machine.state()
    }

    /// How often the state has changed; also counts half-open trials that were given up.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.machine.epoch()
    }

    /// Its numbers now.
    #[must_use]
    pub fn snapshot(&self) -> CircuitSnapshot {
        CircuitSnapshot {
            name: self.name.clone(),
            state: self.state(),
            calls: self.tally.calls(),
            transitions: self.tally.changes(),
        }
    }

    pub(super) fn note(&self, transition: Option<Transition>) {
        if let Some(transition) = transition {
            self.changed(transition);
        }
    }

    #[cold]
    fn changed(&self, transition: Transition) {
        self.tally.change(transition);
        let (from, to) = (transition.from.as_str(), transition.to.as_str());
        if transition.to == CircuitState::Open {
            tracing::warn!(name: "breaker.changed", breaker = %self.name, from, to, "circuit state changed");
        } else {
            tracing::info!(name: "breaker.changed", breaker = %self.name, from, to, "circuit state changed");
        }
    }
}

/// One circuit's numbers, for metrics and for the operator.
#[derive(Clone, Debug)]
pub struct CircuitSnapshot {
    /// Its name.
    pub name: Name,
    /// Its state. An open circuit whose time is up is open until the next call.
    pub state: CircuitState,
    /// Calls by outcome, since the circuit was made.
    pub calls: [(CallOutcome, u64); 6],
    /// Changes of state by from and to, since the circuit was made.
    pub transitions: [(CircuitState, CircuitState, u64); 4],
}
