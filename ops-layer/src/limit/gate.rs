//! The count of permits.

use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc,
};

/// The permits of the process. Cheap to clone; every clone is the same count.
#[derive(Clone, Debug, Default)]
pub struct LoadLimit {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    held: AtomicU64,
    refused: AtomicU64,
    would_refuse: AtomicU64,
}

/// The limit's numbers, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSnapshot {
    /// Permits held now.
    pub held: u64,
    /// Requests refused since the process began.
    pub refused: u64,
    /// Requests let pass that would have been refused were the mode `enforce`.
    pub would_refuse: u64,
}

/// One request's place. Given back when dropped, however the request ended.
#[derive(Debug)]
#[must_use = "dropped, the place is free again"]
pub struct Permit {
    counts: Arc<Counts>,
}

impl LoadLimit {
    /// No permit is held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A permit if fewer than `bound` are held.
    pub(super) fn try_acquire(&self, bound: u64) -> Option<Permit> {
        let counts = &*self.counts;
        // An exchange, not "add, look, take back": that would for a moment count a permit
        // nobody has, and refuse another request although there is room.
        let admitted = counts
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |held| (held < bound).then_some(held + 1))
            .is_ok();
        if admitted {
            return Some(self.permit());
        }
        counts.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// A permit in any case, counted when it goes beyond `bound`.
    pub(super) fn acquire(&self, bound: u64) -> Permit {
        if self.counts.held.fetch_add(1, Ordering::AcqRel) >= bound {
            self.counts.would_refuse.fetch_add(1, Ordering::Relaxed);
        }
        self.permit()
    }

    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> LimitSnapshot {
        LimitSnapshot {
            held: self.counts.held.load(Ordering::Relaxed),
            refused: self.counts.refused.load(Ordering::Relaxed),
            would_refuse: self.counts.would_refuse.load(Ordering::Relaxed),
        }
    }

    fn permit(&self) -> Permit {
        Permit { counts: Arc::clone(&self.counts) }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.counts.held.fetch_sub(1, Ordering::AcqRel);
    }
}
