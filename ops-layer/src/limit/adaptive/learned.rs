//! What was learnt, and the requests under way.

use super::{
    gradient::{Gradient, Rules, Seen},
    window::Times,
};
use crate::{
    clock::Moment,
    limit::gate::{Counts, LimitSnapshot},
};
use std::{
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex,
    },
    time::Duration,
};

/// Fewer answers than this are no window.
const FEWEST: u64 = 16;
/// A window lasts so many times its median, or it would only hear from the fast.
const MEDIANS: f64 = 3.0;

/// The adaptive limit of the process. Cheap to clone; every clone is the same.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveLimit {
    learned: Arc<Learned>,
}

#[derive(Debug, Default)]
struct Learned {
    counts: Counts,
    reading: Reading,
    times: Times,
    /// Taken by whoever ends a window, and by nobody else.
    gradient: Mutex<Gradient>,
}

/// What every request reads and only the end of a window writes, but for a new peak; not on the line of the
/// cache that each request writes.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Reading {
    limit: AtomicU64,
    /// Nanoseconds.
    normal: AtomicU64,
    began: AtomicU64,
    due: AtomicU64,
    peak: AtomicU64,
}

/// What one generation says about the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) rules: Rules,
    pub(super) floor: u64,
    pub(super) ceiling: u64,
    pub(super) window: Duration,
}

/// One request's place. Given back when dropped, however the request ended.
#[derive(Debug)]
#[must_use = "dropped, the place is free again"]
pub struct Place {
    learned: Arc<Learned>,
    bounds: Bounds,
    started: Moment,
    is_settled: bool,
}

impl AdaptiveLimit {
    /// Nothing is learnt.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> LimitSnapshot {
        self.learned.counts.snapshot()
    }

    /// The limit within these bounds: an edit of them keeps what was learnt.
    pub(super) fn bound(&self, bounds: &Bounds) -> u64 {
        self.learned.reading.limit.load(Relaxed).clamp(bounds.floor, bounds.ceiling)
    }

    /// A place if there is one below the limit.
    pub(super) fn try_acquire(&self, bounds: Bounds, started: Moment) -> Option<Place> {
        let held = self.learned.counts.try_enter(self.bound(&bounds))?;
        Some(self.place(bounds, started, held))
    }

    /// A place in any case, counted when it goes beyond the limit.
    pub(super) fn acquire(&self, bounds: Bounds, started: Moment) -> Place {
        let held = self.learned.counts.enter(self.bound(&bounds));
        self.place(bounds, started, held)
    }

    fn place(&self, bounds: Bounds, started: Moment, held: u64) -> Place {
        let peak = &self.learned.reading.peak;
        // Read first: a new peak is rare, and a write would take the line away from the others.
        if held > peak.load(Relaxed) {
            peak.fetch_max(held, Relaxed);
        }
        Place { learned: Arc::clone(&self.learned), bounds, started, is_settled: false }
    }
}

impl Place {
    /// Takes in how long the response took that begins now. Of a failure that counts only if it was slow.
    pub(super) fn settle(&mut self, is_success: bool, now: Moment) {
        self.is_settled = true;
        let took = now.nanos().saturating_sub(self.started.nanos());
        if is_success || self.is_slow(took) {
            self.learned.sample(self.started, now, &self.bounds);
        }
    }

    /// A place that says nothing of the service.
    pub(super) fn ignore(&mut self) {
        self.is_settled = true;
    }

    #[expect(clippy::cast_precision_loss, reason = "a comparison within a few per cent")]
    fn is_slow(&self, nanos: u64) -> bool {
        let normal = self.learned.reading.normal.load(Relaxed) as f64;
        normal > 0.0 && nanos as f64 > normal * self.bounds.rules.tolerance
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_settled {
            // Given up before there was a response, by the client or by the request timeout: it took this long at least.
            self.settle(false, Moment::now());
        }
        self.learned.counts.leave();
    }
}

impl Learned {
    fn sample(&self, started: Moment, now: Moment, bounds: &Bounds) {
        // What began before the window was still under the limit before.
        if started.nanos() >= self.reading.began.load(Relaxed) {
            self.times.record(now.nanos().saturating_sub(started.nanos()));
        }
        if now.nanos() >= self.reading.due.load(Relaxed) {
            self.end_window(now, bounds);
        }
    }

    #[cold]
    fn end_window(&self, now: Moment, bounds: &Bounds) {
        // One is enough; the others need not wait for it.
        let Ok(mut gradient) = self.gradient.try_lock() else { return };
        let reading = &self.reading;
        let began = Moment::from_nanos(reading.began.load(Relaxed));
        if now.nanos() < reading.due.load(Relaxed) {
            return;
        }
        let (count, latency) = self.times.median();
        if count < FEWEST {
            return reading.due.store(now.plus(bounds.window / 4).nanos(), Relaxed);
        }
        let least = began.plus(Duration::from_secs_f64(latency * MEDIANS / 1e9));
        if now < least {
            return reading.due.store(least.nanos(), Relaxed);
        }
        let held = self.counts.snapshot().held;
        #[expect(clippy::cast_precision_loss, reason = "requests at once are far fewer than 2^53")]
        let in_flight = reading.peak.swap(held, Relaxed) as f64;
        gradient.judge(Seen { latency, in_flight }, bounds.rules);
        reading.limit.store(whole(gradient.limit()), Relaxed);
        reading.normal.store(whole(gradient.normal()), Relaxed);
        reading.began.store(now.nanos(), Relaxed);
        self.times.clear();
        reading.due.store(now.plus(bounds.window).nanos(), Relaxed);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0, and small enough")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
