//! When a batch that was not taken is sent again: exponential backoff with jitter.
//!
//! A pure machine. Jitter keeps the instances of a service, which all saw the collector die at
//! once, from coming back at once.

use crate::clock::Moment;
use std::time::Duration;

/// The pause after the first try, before jitter.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause of ours, before jitter: how late the end of an outage may be noticed.
const LONGEST: Duration = Duration::from_secs(10);
/// The longest pause that a collector may ask for.
const ASKED: Duration = Duration::from_mins(1);
/// A batch this old is given up, so that what comes after an outage need not wait for all of it.
const PATIENCE: Duration = Duration::from_mins(5);

/// The tries of one batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    began: Moment,
    next: Duration,
}

impl Retry {
    pub(super) fn begin(now: Moment) -> Self {
        Self { began: now, next: FIRST }
    }

    /// How long to wait after a try that failed now; none: give up. `asked` is what the collector
    /// wants waited at least, `chance` a number from 0 to 1 that spreads the pause over half to
    /// one and a half of itself, and keeps those apart who were asked to wait equally long.
    pub(super) fn pause(&mut self, now: Moment, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        let jitter = self.next.mul_f64(chance.clamp(0.0, 1.0));
        let spread = self.next / 2 + jitter;
        self.next = (self.next * 2).min(LONGEST);
        // On top of what was asked: all instances were told the same.
        let pause = asked.map_or(spread, |asked| spread.max(asked.min(ASKED) + jitter));
        (now.since(self.began) + pause <= PATIENCE).then_some(pause)
    }
}

#[cfg(test)]
mod tests;
