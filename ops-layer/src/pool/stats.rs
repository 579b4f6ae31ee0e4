//! What a pool has done, for the metrics.

use ops_config::value::Name;
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds of the wait times' buckets, in seconds.
pub const WAIT_BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0];

/// The same in nanoseconds: compared on the path.
const BUCKETS: [u64; 10] = [
    1_000_000,
    5_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
    500_000_000,
    1_000_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
];

/// How long callers waited for a connection, since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WaitTimes {
    /// Waits up to each bound of [`WAIT_BUCKETS`], each with those below it.
    pub buckets: [u64; 10],
    /// All waits.
    pub count: u64,
    /// Their sum in seconds.
    pub sum: f64,
}

/// One pool at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolSnapshot {
    /// Its name.
    pub name: Name,
    /// What it opens, such as `PostgreSQL`.
    pub database: &'static str,
    /// Connections that wait for a user.
    pub idle: u32,
    /// Connections in use, or looked after from a use that just ended or before one.
    pub used: u32,
    /// Connections that are open, or may be: also those being opened and closed.
    pub total: u32,
    /// Callers that wait.
    pub pending: u32,
    /// The bound below, as configured; 0 for a pool that is closed.
    pub min: u32,
    /// The bound above, as configured; 0 for a pool that is closed.
    pub max: u32,
    /// Waits that ended in vain.
    pub timeouts: u64,
    /// Loans that became longer than `leak_threshold`.
    pub leaks: u64,
    /// How long callers waited.
    pub waits: WaitTimes,
}

/// The counters behind. Each stands for itself, so a scrape in between two of them does no harm.
#[derive(Debug, Default)]
pub(super) struct Stats {
    /// Waits by the bucket they fall in; the last is beyond all.
    buckets: [AtomicU64; 11],
    nanos: AtomicU64,
    timeouts: AtomicU64,
    leaks: AtomicU64,
}

impl Stats {
    /// A connection was there at once.
    pub(super) fn immediate(&self) {
        self.buckets[0].fetch_add(1, Relaxed);
    }

    pub(super) fn waited(&self, wait: Duration) {
        let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|bound| *bound < nanos);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.nanos.fetch_add(nanos, Relaxed);
    }

    pub(super) fn timed_out(&self, wait: Duration) {
        self.waited(wait);
        self.timeouts.fetch_add(1, Relaxed);
    }

    pub(super) fn leaked(&self) {
        self.leaks.fetch_add(1, Relaxed);
    }

    pub(super) fn leaks(&self) -> u64 {
        self.leaks.load(Relaxed)
    }

    pub(super) fn timeouts(&self) -> u64 {
        self.timeouts.load(Relaxed)
    }

    pub(super) fn waits(&self) -> WaitTimes {
        let mut waits = WaitTimes::default();
        for (at, bucket) in self.buckets.iter().enumerate() {
            waits.count += bucket.load(Relaxed);
            if let Some(slot) = waits.buckets.get_mut(at) {
                *slot = waits.count;
            }
        }
        waits.sum = Duration::from_nanos(self.nanos.load(Relaxed)).as_secs_f64();
        waits
    }
}
