//! The recent calls of a circuit, counted over time or over calls.
//!
//! A history of another length takes its place when a plan with that length is put in force, with what
//! can be kept of the counts. Calls that began with the one before are counted in the one after it.

use super::{ring::Ring, window::Window};
use ops_config::value::CallWindow;
use std::sync::{Arc, OnceLock};

/// The recent calls of a circuit.
#[derive(Debug)]
pub(super) struct History {
    counts: Counts,
    next: OnceLock<Arc<History>>,
}

#[derive(Debug)]
enum Counts {
    /// In a box: its buckets would take their place in every ring as well.
    Time(Box<Window>),
    Calls(Ring),
}

/// How far back calls are counted: nanoseconds, or calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Time(u64),
    Calls(u64),
}

impl Length {
    pub(super) fn of(window: CallWindow) -> Self {
        match window {
            CallWindow::Time(time) => Self::Time(u64::try_from(time.get().as_nanos()).unwrap_or(u64::MAX)),
            CallWindow::Calls(calls) => Self::Calls(calls.get()),
        }
    }
}

impl History {
    pub(super) fn new(length: Length) -> Self {
        let counts = match length {
            Length::Time(time) => Counts::Time(Box::new(Window::new(time))),
            Length::Calls(calls) => Counts::Calls(Ring::new(calls)),
        };
        Self { counts, next: OnceLock::new() }
    }

    /// The one that counts now.
    pub(super) fn latest(self: &Arc<Self>) -> &Arc<Self> {
        let mut latest = self;
        while let Some(next) = latest.next.get() {
            latest = next;
        }
        latest
    }

    /// Counts a call; all recent calls of the epoch and the bad ones with it.
    pub(super) fn record(&self, epoch: u64, now: u64, bad: bool) -> (u64, u64) {
        match &self.counts {
            Counts::Time(window) => {
                window.record(epoch, now, bad);
                window.sums(epoch, now)
            }
            Counts::Calls(ring) => ring.record(epoch, bad),
        }
    }

    /// All recent calls of the epoch, and the bad ones.
    pub(super) fn sums(&self, epoch: u64, now: u64) -> (u64, u64) {
        match &self.counts {
            Counts::Time(window) => window.sums(epoch, now),
            Counts::Calls(ring) => ring.sums(epoch),
        }
    }

    /// Counts over another length from now on. Not to be called by two at once.
    pub(super) fn stretch(self: &Arc<Self>, length: Length, epoch: u64, now: u64) {
        let latest = self.latest();
        let counts = match (&latest.counts, length) {
            (Counts::Time(window), Length::Time(time)) if window.length() == time => return,
            (Counts::Calls(ring), Length::Calls(calls)) if ring.size() == calls => return,
            (Counts::Time(window), Length::Time(time)) => Counts::Time(Box::new(window.resized(time, epoch, now))),
            (Counts::Calls(ring), Length::Calls(calls)) => Counts::Calls(ring.resized(calls, epoch)),
            // Buckets do not know in which order their calls came, and calls not when.
            (_, length) => Self::new(length).counts,
        };
        // Only whoever puts a plan in force sets it, one at a time.
        let _ = latest.next.set(Arc::new(Self { counts, next: OnceLock::new() }));
    }
}
