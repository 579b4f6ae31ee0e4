//! How often requests fail without a change.

use super::Vitals;
use crate::watch::At;

/// The time after which what was seen counts half.
const HALF_LIFE_SECONDS: f64 = 60.0;

/// What is assumed to have been seen of every service: one failure in ten requests.
const ASSUMED_REQUESTS: f64 = 10.0;
const ASSUMED_FAILURES: f64 = 1.0;

/// How many standard deviations above the mean are no chance.
const DEVIATIONS: f64 = 3.0;

/// How often requests failed lately, with what is older counting less.
#[derive(Clone, Copy, Debug)]
pub struct Baseline {
    last: Vitals,
    at: At,
    requests: f64,
    failures: f64,
}

impl Baseline {
    /// Nothing is known before this moment.
    #[must_use]
    pub const fn new(vitals: Vitals, now: At) -> Self {
        Self { last: vitals, at: now, requests: 0.0, failures: 0.0 }
    }

    /// Takes in what happened since it was told last.
    #[expect(clippy::cast_precision_loss, reason = "counts between two looks stay far below 2^52")]
    pub fn observe(&mut self, vitals: Vitals, now: At) {
        let faded = 0.5_f64.powf(now.saturating_sub(self.at).as_secs_f64() / HALF_LIFE_SECONDS);
        let (requests, failures) = vitals.since(&self.last);
        self.requests = self.requests * faded + requests as f64;
        self.failures = self.failures * faded + failures as f64;
        self.skip(vitals, now);
    }

    /// What happened since it was told last is left out.
    pub const fn skip(&mut self, vitals: Vitals, now: At) {
        self.last = vitals;
        self.at = now;
    }

    /// How many of so many requests might fail if nothing had changed: more are no chance. Where
    /// nothing is known, one in ten is expected to fail; the more requests there were, the surer it is.
    #[must_use]
    pub fn at_most(&self, requests: f64) -> f64 {
        let known = self.requests + ASSUMED_REQUESTS;
        let share = (self.failures + ASSUMED_FAILURES) / known;
        // Mean and variance of the beta-binomial distribution that follows from what was seen.
        let variance = requests * share * (1.0 - share) * (known + requests) / (known + 1.0);
        let by_chance = requests * share + DEVIATIONS * variance.sqrt();
        by_chance.max(if self.requests > 0.0 { requests * self.failures / self.requests } else { 0.0 })
    }
}
