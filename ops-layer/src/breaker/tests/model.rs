//! What a breaker does, written down as plainly as possible: one thread, every call of an
//! epoch remembered, all of it counted again each time.
//!
//! The one oracle of circuits: the properties judge by it, and so does the fuzz target, which
//! includes this file. It therefore takes what it is about from the module around it.

use super::{CircuitState, Moment};
use ops_config::{
    section::CircuitBreakerConfig,
    value::{CallWindow, Period},
};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Model {
    pub(super) state: CircuitState,
    pub(super) epoch: u64,
    failures: u64,
    /// Openings in a row.
    openings: i32,
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
            openings: 0,
            opened_at: Moment::default(),
            tried_at: Moment::default(),
            trials: 0,
            failed: Vec::new(),
            slow: Vec::new(),
        }
    }

    pub(super) fn admit(&mut self, config: &CircuitBreakerConfig, now: Moment) -> Option<Call> {
        let reset = config.reset_timeout.get();
        let trial = config.trial_timeout.map_or(reset, Period::get);
        let wait = config.reset_backoff.as_ref().map_or(reset, |backoff| {
            let wait = reset.as_secs_f64() * backoff.factor.get().powi(self.openings - 1);
            Duration::from_secs_f64(wait.min(backoff.max.get().max(reset).as_secs_f64()))
        });
        match self.state {
            CircuitState::Closed => {}
            CircuitState::Open if now.since(self.opened_at) < wait => return None,
            CircuitState::HalfOpen if self.trials < config.half_open_max_calls.get() => {}
            CircuitState::HalfOpen if now.since(self.tried_at) < trial => return None,
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
                    let share = (rate.threshold.get(), rate.window, rate.min_calls.get());
                    too_many |= exceeds(&self.failed, share, now);
                }
                if let Some(rate) = &config.slow_calls {
                    self.slow.push((now, slow));
                    let share = (rate.threshold.get(), rate.window, rate.min_calls.get());
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
        let openings = self.openings + 1;
        self.enter(CircuitState::Open);
        (self.opened_at, self.openings) = (now, openings);
    }

    fn enter(&mut self, state: CircuitState) {
        let openings = if state == CircuitState::Closed { 0 } else { self.openings };
        *self = Self { state, epoch: self.epoch + 1, opened_at: self.opened_at, openings, ..Self::closed() };
    }
}

/// Whether the calls of the window are enough and too many of them bad. Of time: those of the last
/// sixteen sixteenths, the present one only begun.
fn exceeds(calls: &[(Moment, bool)], (threshold, window, min): (f64, CallWindow, u64), now: Moment) -> bool {
    let recent: Vec<bool> = match window {
        CallWindow::Time(window) => {
            let sixteenth = |moment: Moment| moment.since(Moment::default()).as_nanos() / (width(window.get()));
            let recent = calls.iter().filter(|(ended, _)| sixteenth(now) - sixteenth(*ended) < 16);
            recent.map(|(_, bad)| *bad).collect()
        }
        CallWindow::Calls(size) => calls.iter().rev().take(size.as_usize()).map(|(_, bad)| *bad).collect(),
    };
    let min = if let CallWindow::Calls(size) = window { min.min(size.get()) } else { min };
    let bad = u32::try_from(recent.iter().filter(|bad| **bad).count()).expect("a test's calls");
    let all = u32::try_from(recent.len()).expect("a test's calls");
    u64::from(all) >= min && bad > 0 && f64::from(bad) / f64::from(all) >= threshold
}

fn width(window: Duration) -> u128 {
    window.as_nanos() / 16
}
