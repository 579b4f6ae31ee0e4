//! What is counted for each request, for the life of the process.

use super::{
    duration::Durations,
    local,
    route::Routes,
    shards::{Count, Shards},
    Families,
};
use crate::refusal::Refusal;
use arc_swap::ArcSwapOption;
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
        Arc, Mutex, MutexGuard, PoisonError, Weak,
    },
};

/// The counts of this process by number: one of them, beside those of tests. Asked only where a request ends
/// on a thread that has counted nothing before.
static LIVING: Mutex<BTreeMap<u64, Weak<HttpCounts>>> = Mutex::new(BTreeMap::new());

/// What is counted for each request, for the life of the process.
#[derive(Debug)]
pub(crate) struct HttpCounts {
    id: u64,
    pub(super) routes: Routes,
    tallies: Shards<Tally>,
    /// Grows whenever other buckets come in force; what a thread compares for each request.
    epoch: AtomicU64,
    durations: ArcSwapOption<Durations>,
}

/// One thread's part; in cache lines of its own, two of which processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Tally {
    begun: Count,
    sampled: Count,
    dropped: Count,
    ended: Count,
    failed: Count,
    refused: [Count; Refusal::REASONS.len()],
}

impl HttpCounts {
    pub(crate) fn new() -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let counts = Arc::new(Self {
            id: NEXT.fetch_add(1, Relaxed),
            routes: Routes::new(),
            tallies: Shards::default(),
            epoch: AtomicU64::new(1),
            durations: ArcSwapOption::empty(),
        });
        registry().insert(counts.id, Arc::downgrade(&counts));
        counts
    }

    /// The counts of this number, unless they are gone.
    pub(super) fn living(id: u64) -> Option<Arc<Self>> {
        registry().get(&id)?.upgrade()
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    pub(super) const fn tallies(&self) -> &Shards<Tally> {
        &self.tallies
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Acquire)
    }

    /// The histogram in force.
    pub(super) fn durations(&self) -> Option<Arc<Durations>> {
        self.durations.load_full()
    }

    /// From now on requests that end are counted in this histogram, whichever they began under. A thread that
    /// is counting one at this very moment may still do so in the old one, which nobody reads any more.
    pub(crate) fn put_in_force(&self, durations: &Arc<Durations>) {
        let before = self.durations.swap(Some(Arc::clone(durations)));
        if !before.is_some_and(|before| Arc::ptr_eq(&before, durations)) {
            self.epoch.fetch_add(1, Release);
        }
    }

    /// Counts a request by whether its trace is recorded.
    pub(crate) fn count_trace(self: &Arc<Self>, is_sampled: bool) {
        local::with(self.id, || Some(Arc::clone(self)), |local| local.tally().trace(is_sampled));
    }

    /// Requests whose trace is recorded, and those whose is not.
    pub(crate) fn traces(&self) -> (u64, u64) {
        let tallies = self.tallies.all();
        let dropped = tallies.iter().map(|tally| tally.dropped.get()).sum();
        (tallies.iter().map(|tally| tally.sampled.get()).sum(), dropped)
    }

    /// Requests under way.
    pub(crate) fn active(&self) -> u64 {
        // What has ended is read first: whoever sees the end of a request sees its beginning, too. The parts are asked
        // for again, as it may have begun on a thread that counted nothing before.
        let ended: u64 = self.tallies.all().iter().map(|tally| tally.ended.get()).sum();
        let begun: u64 = self.tallies.all().iter().map(|tally| tally.begun.get()).sum();
        begun.saturating_sub(ended)
    }

    /// Requests that ended since the process began, and those of them that failed: answered with 5xx, or not at all
    /// because the service gave an error or panicked.
    pub(crate) fn answered(&self) -> (u64, u64) {
        let tallies = self.tallies.all();
        let failed = tallies.iter().map(|tally| tally.failed.get()).sum();
        (tallies.iter().map(|tally| tally.ended.get()).sum(), failed)
    }

    pub(crate) fn describe(&self, families: &mut Families) {
        families
            .gauge("http_server_active_requests", "Requests under way, each until its response has been sent whole.")
            .point(&[], self.active());
        let tallies = self.tallies.all();
        let refused = families.counter("ops_requests_refused_total", "Requests that the stack did not let through.");
        for (at, reason) in Refusal::REASONS.iter().enumerate() {
            refused.point(&[("reason", reason)], tallies.iter().map(|tally| tally.refused[at].get()).sum::<u64>());
        }
        if let Some(durations) = self.durations() {
            durations.describe(&self.routes, families);
        }
    }
}

impl Drop for HttpCounts {
    fn drop(&mut self) {
        registry().remove(&self.id);
    }
}

fn registry() -> MutexGuard<'static, BTreeMap<u64, Weak<HttpCounts>>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    pub(super) fn begin(&self) {
        self.begun.add(1);
    }

    fn trace(&self, is_sampled: bool) {
        let count = if is_sampled { &self.sampled } else { &self.dropped };
        count.add(1);
    }

    pub(super) fn refuse(&self, refusal: &Refusal) {
        self.refused[refusal.reason_index()].add(1);
    }

    pub(super) fn end(&self, failed: bool) {
        if failed {
            self.failed.add(1);
        }
        self.ended.add(1);
    }
}
