//! What a breaker does, written down as plainly as possible: one thread, every call of an
//! epoch remembered, all of it counted again each time.
//!
//! The one oracle of circuits: the properties judge by it, and so does the fuzz target, which
//! includes this file. It therefore takes what it is about from the module around it.

use super::{CircuitState, Moment};
use ops_config::section::CircuitBreakerConfig;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Model {
    pub(super) state: CircuitState,
    pub(super) epoch: u64,
    failures: u64,
    opened_at: Moment,
    tried_at: Moment,
    trials: u64,
    /// When each call ended that the share of failed calls counts, and whether it failed.
    failed: Vec<(Moment, bool)>,
    /// The same of slow calls.
    slow: Vec<(Moment, bool)>,
}

/// A call under way, judged by the settings that admitted it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    epoch: u64,
    started: Moment,
    config: CircuitBreakerConfig,
}

impl Model {
    pub(super) fn closed() -> Self {
        Self {
            state: CircuitState::Closed,
            epoch: 0,
            failures: 0,
            opened_at: Moment::default(),
            tried_at: Moment::default(),
            trials: 0,
            failed: Vec::new(),
            slow: Vec::new(),
        }
    }

    pub(super) fn admit(&mut self, config: &CircuitBreakerConfig, now: Moment) -> Option<Call> {
        let reset = config.reset_timeout.get();
        match self.state {
            CircuitState::Closed => {}
            CircuitState::Open if now.since(self.opened_at) < reset => return None,
            CircuitState::HalfOpen if self.trials < config.half_open_max_calls.get() => {}
            CircuitState::HalfOpen if now.since(self.tried_at) < reset => return None,
            // An open circuit whose time is up; or trials that all had their time and never ended.
            CircuitState::Open | CircuitState::HalfOpen => self.enter(CircuitState::HalfOpen),
        }
        if self.state == CircuitState::HalfOpen {
            self.trials += 1;
            self.tried_at = now;
        }
        Some(Call { epoch: self.epoch, started: now, config: config.clone() })
    }

    pub(super) fn settle(&mut self, call: &Call, failed: bool, now: Moment) {
        if call.epoch != self.epoch {
            return;
        }
        let config = &call.config;
        let slower_than = config.slow_calls.as_ref().map(|slow| slow.slower_than.get());
        let slow = slower_than.is_some_and(|limit| now.since(call.started) > limit);
        match self.state {
            CircuitState::HalfOpen if failed || slow => self.open(now),
            CircuitState::HalfOpen => self.enter(CircuitState::Closed),
            CircuitState::Open => unreachable!("an open circuit admits nothing"),
            CircuitState::Closed => {
                self.failures = if failed { self.failures + 1 } else { 0 };
                if self.failures >= config.failure_threshold.get() {
                    return self.open(now);
                }
                let mut too_many = false;
                if let Some(rate) = &config.failure_rate {
                    self.failed.push((now, failed));
                    let share = (rate.threshold.get(), rate.window.get(), rate.min_calls.get());
                    too_many |= exceeds(&self.failed, share, now);
                }
                if let Some(rate) = &config.slow_calls {
                    self.slow.push((now, slow));
                    let share = (rate.threshold.get(), rate.window.get(), rate.min_calls.get());
                    too_many |= exceeds(&self.slow, share, now);
                }
                if too_many {
                    self.open(now);
                }
            }
        }
    }

    pub(super) fn drop(&mut self, call: &Call) {
        if call.epoch == self.epoch && self.state == CircuitState::HalfOpen {
            self.trials -= 1;
        }
    }

    fn open(&mut self, now: Moment) {
        self.enter(CircuitState::Open);
        self.opened_at = now;
    }

    fn enter(&mut self, state: CircuitState) {
        *self = Self { state, epoch: self.epoch + 1, opened_at: self.opened_at, ..Self::closed() };
    }
}

/// Whether the calls of the last sixteen sixteenths of the window, the present one only begun,
/// are enough and too many of them bad.
fn exceeds(calls: &[(Moment, bool)], (threshold, window, min): (f64, Duration, u64), now: Moment) -> bool {
    let sixteenth = |moment: Moment| moment.since(Moment::default()).as_nanos() / (window.as_nanos() / 16);
    let recent: Vec<bool> =
        calls.iter().filter(|(ended, _)| sixteenth(now) - sixteenth(*ended) < 16).map(|(_, bad)| *bad).collect();
    let bad = u32::try_from(recent.iter().filter(|bad| **bad).count()).expect("a test's calls");
    let all = u32::try_from(recent.len()).expect("a test's calls");
    u64::from(all) >= min && bad > 0 && f64::from(bad) / f64::from(all) >= threshold
}
