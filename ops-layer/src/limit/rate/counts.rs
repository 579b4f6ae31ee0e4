//! How many requests came too fast.

use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc,
};

/// What the rates of the process refused. Cheap to clone; every clone is the same count.
#[derive(Clone, Debug, Default)]
pub struct RateCounts {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    refused: AtomicU64,
    would_refuse: AtomicU64,
}

/// The rates' numbers, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSnapshot {
    /// Requests refused since the process began.
    pub refused: u64,
    /// Requests let pass that would have been refused were the mode `enforce`.
    pub would_refuse: u64,
}

impl RateCounts {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> RateSnapshot {
        RateSnapshot {
            refused: self.counts.refused.load(Ordering::Relaxed),
            would_refuse: self.counts.would_refuse.load(Ordering::Relaxed),
        }
    }

    pub(super) fn count(&self, enforced: bool) {
        let counter = if enforced { &self.counts.refused } else { &self.counts.would_refuse };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
