//! What one retry remembers, and what it tells.

use super::budget::Budget;
use ops_config::value::Name;
use std::sync::atomic::{AtomicU64, Ordering};

/// What came of a call that failed in a way that may pass. Each repeat ends in one of the first three, each such
/// failure that was not followed by a repeat in one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryOutcome {
    /// It was made again, and did well.
    Success,
    /// It was made again, and failed again.
    Failure,
    /// It was about to be made again, or was, and its caller went away.
    Cancelled,
    /// It was not made again: as many attempts as allowed were made.
    NoAttempts,
    /// It was not made again: the budget was spent.
    NoBudget,
    /// It was not made again: the service asked to be left alone for longer than `max_backoff`.
    PushedBack,
    /// It was not made again, and would have been were the mode `enforce`.
    WouldRetry,
}

impl RetryOutcome {
    /// All outcomes.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Failure,
        Self::Cancelled,
        Self::NoAttempts,
        Self::NoBudget,
        Self::PushedBack,
        Self::WouldRetry,
    ];

    /// The outcome, as it stands in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::NoAttempts => "no_attempts",
            Self::NoBudget => "no_budget",
            Self::PushedBack => "pushed_back",
            Self::WouldRetry => "would_retry",
        }
    }
}

/// What one retry remembers: it belongs to the process, goes by its name, and outlives every reload that keeps the name.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: Name,
    pub(super) budget: Budget,
    outcomes: [AtomicU64; RetryOutcome::ALL.len()],
}

impl Record {
    pub(super) fn new(name: Name) -> Self {
        Self { name, budget: Budget::new(), outcomes: Default::default() }
    }

    pub(super) fn count(&self, outcome: RetryOutcome) {
        self.outcomes[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn outcomes(&self) -> [(RetryOutcome, u64); RetryOutcome::ALL.len()] {
        RetryOutcome::ALL.map(|outcome| (outcome, self.outcomes[outcome as usize].load(Ordering::Relaxed)))
    }
}

/// One retry's numbers, for metrics.
#[derive(Clone, Debug)]
pub struct RetrySnapshot {
    /// Its name.
    pub name: Name,
    /// The repeats that could be made now.
    pub budget: u64,
    /// Outcomes since the retry was first named.
    pub outcomes: [(RetryOutcome, u64); RetryOutcome::ALL.len()],
}
