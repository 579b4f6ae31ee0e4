//! What happened to calls and how often the state changed, for metrics.

use super::{
    cells::Count,
    word::{CircuitState, Transition},
};
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of a call. Each call ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// It did well.
    Success,
    /// It failed.
    Failure,
    /// It did well, but took longer than `slow_calls.slower_than`.
    Slow,
    /// It was refused.
    Refused,
    /// It ended without a verdict: its caller went away.
    Cancelled,
    /// It ended in something that says nothing of the dependency, such as a refusal of ours.
    Ignored,
    /// It passed, and would have been refused were the mode `enforce`.
    WouldRefuse,
}

impl CallOutcome {
    /// All outcomes.
    pub const ALL: [Self; 7] =
        [Self::Success, Self::Failure, Self::Slow, Self::Refused, Self::Cancelled, Self::Ignored, Self::WouldRefuse];

    /// The outcome, as it stands in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Slow => "slow",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Ignored => "ignored",
            Self::WouldRefuse => "would_refuse",
        }
    }
}

/// The changes of state there are.
const CHANGES: [(CircuitState, CircuitState); 4] = [
    (CircuitState::Closed, CircuitState::Open),
    (CircuitState::Open, CircuitState::HalfOpen),
    (CircuitState::HalfOpen, CircuitState::Closed),
    (CircuitState::HalfOpen, CircuitState::Open),
];

/// Counts of one circuit, since the process began.
#[derive(Debug)]
pub(super) struct Tally {
    successes: Count,
    outcomes: [AtomicU64; CallOutcome::ALL.len()],
    changes: [AtomicU64; CHANGES.len()],
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { successes: Count::new(), outcomes: Default::default(), changes: Default::default() }
    }

    pub(super) fn call(&self, outcome: CallOutcome) {
        match outcome {
            CallOutcome::Success => self.successes.add(),
            other => drop(self.outcomes[other as usize].fetch_add(1, Ordering::Relaxed)),
        }
    }

    pub(super) fn change(&self, Transition { from, to }: Transition) {
        let counters = CHANGES.iter().zip(&self.changes);
        for (_, counter) in counters.filter(|(change, _)| **change == (from, to)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn calls(&self) -> [(CallOutcome, u64); CallOutcome::ALL.len()] {
        CallOutcome::ALL.map(|outcome| match outcome {
            CallOutcome::Success => (outcome, self.successes.get()),
            other => (other, self.outcomes[other as usize].load(Ordering::Relaxed)),
        })
    }

    pub(super) fn changes(&self) -> [(CircuitState, CircuitState, u64); CHANGES.len()] {
        let mut at = 0;
        CHANGES.map(|(from, to)| {
            let count = self.changes[at].load(Ordering::Relaxed);
            at += 1;
            (from, to, count)
        })
    }
}
