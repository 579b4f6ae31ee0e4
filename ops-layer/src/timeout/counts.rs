//! How many requests took too long.

use crate::call::stall::Stalls;
use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc,
};

/// The timeouts of the process. Cheap to clone; every clone is the same count.
#[derive(Clone, Debug, Default)]
pub struct Timeouts {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    refused: AtomicU64,
    would_refuse: AtomicU64,
    stalls: Stalls,
}

/// The timeout's numbers, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutSnapshot {
    /// Requests ended because they took too long.
    pub refused: u64,
    /// Requests that took too long and would have been ended were the mode `enforce`.
    pub would_refuse: u64,
}

impl Timeouts {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> TimeoutSnapshot {
        TimeoutSnapshot {
            refused: self.counts.refused.load(Ordering::Relaxed),
            would_refuse: self.counts.would_refuse.load(Ordering::Relaxed),
        }
    }

    /// The bodies that made no progress.
    #[must_use]
    pub fn stalls(&self) -> &Stalls {
        &self.counts.stalls
    }

    pub(super) fn count(&self, enforced: bool) {
        let counter = if enforced { &self.counts.refused } else { &self.counts.would_refuse };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
