//! A configuration on trial.

use super::{Baseline, Vitals};
use crate::watch::At;
use std::{fmt, time::Duration};

/// Requests since the swap below which their failures say nothing.
pub const MIN_REQUESTS: u64 = 20;

/// The share of requests since the swap that may fail, however few failed before.
pub const MIN_SHARE: f64 = 0.1;

/// The time between two looks.
const PERIOD: Duration = Duration::from_millis(100);

/// The time to the next attempt where a way back could not be built; doubled each time, for each is a warning.
const RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_mins(1);

/// By what a configuration was seen to break the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symptom {
    /// The service was ready and is not any more.
    NotReady,
    /// Far more requests fail than before.
    Failures {
        /// How many failed since the swap.
        failures: u64,
        /// Out of how many.
        requests: u64,
    },
    /// A circuit breaker opened.
    Opened,
}

/// What a look at a configuration on trial says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Pending,
    /// Its time is up and nothing broke.
    Passed,
    /// It broke the service.
    Failed(Symptom),
}

/// A configuration on trial: watched from the swap until its time is up.
#[derive(Clone, Debug)]
pub struct Trial {
    ends: At,
    next: At,
    before: Baseline,
    first: Vitals,
    was_ready: bool,
    broken: Option<Symptom>,
    retry: Duration,
}

impl Trial {
    /// A trial that begins now, with how the service does right after the swap. It counts as ready also where it was
    /// so right before: readiness that the swap itself takes is lost too.
    #[must_use]
    pub fn new(length: Duration, baseline: &Baseline, vitals: Vitals, now: At) -> Self {
        let ends = now.saturating_add(length);
        let next = ends.min(now.saturating_add(PERIOD));
        Self { ends, next, before: *baseline, first: vitals, was_ready: vitals.is_ready, broken: None, retry: RETRY }
    }

    /// When to look next.
    #[must_use]
    pub const fn due(&self) -> At {
        self.next
    }

    /// Whether it has failed, and whoever should have ended it has not.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.broken.is_some()
    }

    /// Whether the service has been ready and nothing broke: what readiness it has not from now on, it has lost.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.was_ready && !self.has_failed()
    }

    /// Takes how the service does. A service that was not ready at the swap has lost nothing until it was
    /// ready once. What has failed has failed: who could not end it is told again, some seconds later.
    pub fn look(&mut self, vitals: Vitals, now: At) -> Verdict {
        self.broken = self.broken.or_else(|| self.symptom(vitals));
        if let Some(symptom) = self.broken {
            self.next = now.saturating_add(self.retry);
            return Verdict::Failed(symptom);
        }
        self.was_ready |= vitals.is_ready;
        if now >= self.ends {
            return Verdict::Passed;
        }
        self.next = self.ends.min(now.saturating_add(PERIOD));
        Verdict::Pending
    }

    /// The way back could not be built. An attempt may take longer than the time to the next one, so that counts
    /// from its end: without a pause between attempts no save would be looked at.
    pub fn retry_after(&mut self, attempt: At) {
        self.next = attempt.saturating_add(self.retry);
        self.retry = LONGEST_RETRY.min(self.retry.saturating_mul(2));
    }

    fn symptom(&self, vitals: Vitals) -> Option<Symptom> {
        let (requests, failures) = vitals.since(&self.first);
        if self.was_ready && !vitals.is_ready {
            Some(Symptom::NotReady)
        } else if self.is_worse(requests, failures) {
            Some(Symptom::Failures { failures, requests })
        } else {
            (vitals.openings > self.first.openings).then_some(Symptom::Opened)
        }
    }

    /// Whether that many failures are too many, and cannot be chance where as many as before were to be expected.
    #[expect(clippy::cast_precision_loss, reason = "counts of one trial stay far below 2^52")]
    fn is_worse(&self, requests: u64, failures: u64) -> bool {
        let (calls, failed) = (requests as f64, failures as f64);
        requests >= MIN_REQUESTS && failed >= calls * MIN_SHARE && failed > self.before.at_most(calls)
    }
}

impl fmt::Display for Symptom {
    /// As the end of a sentence that ends in "because".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady => f.write_str("the service was not ready any more"),
            Self::Failures { failures, requests } => {
                write!(f, "{failures} of {requests} requests failed, far more than before")
            }
            Self::Opened => f.write_str("a circuit breaker opened"),
        }
    }
}
