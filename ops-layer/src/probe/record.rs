//! The machine: what the results of one check say.
//!
//! Pure: results and times come in, verdicts go out. A single hiccup does not make a service
//! unhealthy, a single success does not make it healthy again, unless the thresholds say so.

use super::CheckError;
use crate::clock::Moment;
use std::{borrow::Cow, time::Duration};

/// How many results in a row it takes, and how long one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Failures in a row that make a check unhealthy. At least 1.
    pub failures: u32,
    /// Successes in a row that make it healthy. At least 1.
    pub successes: u32,
    /// The age at which a result counts no more.
    pub stale_after: Duration,
}

/// What the results of a check say at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<'r> {
    /// Whether it is healthy.
    pub is_healthy: bool,
    /// Why not; or, of a healthy one, how its last check failed.
    pub message: Option<Cow<'r, str>>,
    /// How long the last check took.
    pub took: Duration,
    /// How long ago the last result came; none before the first.
    pub age: Option<Duration>,
    /// Failures in a row, as of the last result.
    pub failures: u32,
    /// Successes in a row, as of the last result.
    pub successes: u32,
}

/// The results of one check.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Whether the first result decides alone.
    is_late: bool,
    is_healthy: bool,
    failures: u32,
    successes: u32,
    last: Option<Last>,
}

#[derive(Clone, Debug)]
struct Last {
    at: Moment,
    took: Duration,
    failure: Option<CheckError>,
}

impl Record {
    /// No result yet: not healthy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of a check that joins a service which runs: it says nothing until its first result, and that one
    /// decides, whatever the thresholds. So a new check takes nothing out of rotation but by what it found.
    #[must_use]
    pub fn late() -> Self {
        Self { is_late: true, ..Self::default() }
    }

    /// Takes a result that came in at `at`.
    pub fn take(&mut self, outcome: Result<(), CheckError>, took: Duration, thresholds: &Thresholds, at: Moment) {
        let failure = outcome.err();
        let decides = self.is_silent();
        if failure.is_none() {
            self.failures = 0;
            self.successes = self.successes.saturating_add(1);
            self.is_healthy |= self.successes >= thresholds.successes;
        } else {
            self.successes = 0;
            self.failures = self.failures.saturating_add(1);
            self.is_healthy &= self.failures < thresholds.failures;
        }
        if decides {
            self.is_healthy = failure.is_none();
        }
        self.last = Some(Last { at, took, failure });
    }

    /// Whether it has nothing to say yet: it joined late and there has been no result.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.is_late && self.last.is_none()
    }

    /// Whether there has been any result.
    #[must_use]
    pub const fn has_run(&self) -> bool {
        self.last.is_some()
    }

    /// What the results say at `now`.
    #[must_use]
    pub fn judge(&self, thresholds: &Thresholds, now: Moment) -> Verdict<'_> {
        let took = self.last.as_ref().map_or(Duration::ZERO, |last| last.took);
        let age = self.last.as_ref().map(|last| now.since(last.at));
        let (is_healthy, message) = match (&self.last, age) {
            (Some(last), Some(age)) if age <= thresholds.stale_after => {
                (self.is_healthy, self.reason(last, thresholds))
            }
            (_, Some(age)) => (false, Some(format!("the last result is {}s old", age.as_secs()).into())),
            (_, None) => (false, Some("not checked yet".into())),
        };
        Verdict { is_healthy, message, took, age, failures: self.failures, successes: self.successes }
    }

    fn reason<'r>(&self, last: &'r Last, thresholds: &Thresholds) -> Option<Cow<'r, str>> {
        match &last.failure {
            Some(failure) => Some(failure.reason().into()),
            None if self.is_healthy => None,
            None => Some(format!("{} of {} successes in a row", self.successes, thresholds.successes).into()),
        }
    }
}
