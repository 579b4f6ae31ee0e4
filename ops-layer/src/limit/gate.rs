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

/// The numbers of a limit. On a line of the cache of their own: each request writes it.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Counts {
    held: AtomicU64,
    refused: AtomicU64,
    would_refuse: AtomicU64,
}

impl Counts {
    /// Enters if fewer than `bound` are in; how many are in then. Otherwise it is counted as refused.
    pub(super) fn try_enter(&self, bound: u64) -> Option<u64> {
        // An exchange, not "add, look, take back": that would for a moment count a permit
        // nobody has, and refuse another request although there is room.
        let enter = |held| (held < bound).then_some(held + 1);
        let before = self.held.fetch_update(Ordering::AcqRel, Ordering::Relaxed, enter);
        if before.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        before.ok().map(|before| before + 1)
    }

    /// Enters in any case, counted when it goes beyond `bound`; how many are in then.
    pub(super) fn enter(&self, bound: u64) -> u64 {
        let before = self.held.fetch_add(1, Ordering::AcqRel);
        if before >= bound {
            self.would_refuse.fetch_add(1, Ordering::Relaxed);
        }
        before + 1
    }

    pub(super) fn leave(&self) {
        self.held.fetch_sub(1, Ordering::AcqRel);
    }

    pub(super) fn snapshot(&self) -> LimitSnapshot {
        LimitSnapshot {
            held: self.held.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            would_refuse: self.would_refuse.load(Ordering::Relaxed),
        }
    }
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
        self.counts.try_enter(bound).map(|_| self.permit())
    }

    /// A permit in any case, counted when it goes beyond `bound`.
    pub(super) fn acquire(&self, bound: u64) -> Permit {
        self.counts.enter(bound);
        self.permit()
    }

    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> LimitSnapshot {
        self.counts.snapshot()
    }

    fn permit(&self) -> Permit {
        Permit { counts: Arc::clone(&self.counts) }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.counts.leave();
    }
}
