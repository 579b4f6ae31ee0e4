//! What happened to calls and how often the state changed, for metrics.

use super::machine::{CircuitState, Transition};
use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

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
    /// It passed, and would have been refused were the mode `enforce`.
    WouldRefuse,
}

impl CallOutcome {
    /// All outcomes.
    pub const ALL: [Self; 6] =
        [Self::Success, Self::Failure, Self::Slow, Self::Refused, Self::Cancelled, Self::WouldRefuse];

    /// The outcome, as it stands in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Slow => "slow",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
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
#[derive(Debug, Default)]
pub(super) struct Tally {
    successes: Striped,
    outcomes: [AtomicU64; CallOutcome::ALL.len()],
    changes: [AtomicU64; CHANGES.len()],
}

impl Tally {
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
            CallOutcome::Success => (outcome, self.successes.sum()),
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

const STRIPES: usize = 8;

/// A counter that threads add to without sharing a cache line. Success is the common
/// case; one line for it would be the only thing all threads of a healthy service write.
#[derive(Debug, Default)]
struct Striped {
    stripes: [Stripe; STRIPES],
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicU64);

thread_local! {
    static STRIPE: Cell<usize> = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES)
    };
}

impl Striped {
    fn add(&self) {
        // Thread-locals may be gone while a thread ends; then any stripe will do.
        let stripe = STRIPE.try_with(Cell::get).unwrap_or(0);
        self.stripes[stripe].0.fetch_add(1, Ordering::Relaxed);
    }

    fn sum(&self) -> u64 {
        self.stripes.iter().map(|stripe| stripe.0.load(Ordering::Relaxed)).sum()
    }
}
