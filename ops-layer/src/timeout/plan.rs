//! The timeout's part of the plan.

use super::counts::Timeouts;
use crate::{call::stall::Rest, clock::Moment};
use ops_config::{
    section::{LimitsConfig, Mode},
    value::Period,
};
use std::time::Duration;

/// The timeout's part of the plan.
#[derive(Clone, Debug)]
pub struct TimeoutPlan {
    timeouts: Timeouts,
    limit: Option<Duration>,
    enforced: bool,
    rest: Option<Rest>,
}

/// When a request must have been answered, and what happens otherwise.
#[derive(Clone, Debug)]
pub(super) struct Deadline {
    pub(super) at: Moment,
    pub(super) enforced: bool,
    pub(super) timeouts: Timeouts,
}

impl TimeoutPlan {
    /// The timeouts of these limits; none when their mode is `off`.
    #[must_use]
    pub fn build(config: &LimitsConfig, timeouts: &Timeouts) -> Self {
        let mode = config.mode_of(config.modes.request_timeout);
        let limit = config.request_timeout.filter(|_| mode != Mode::Off);
        let rests = config.mode_of(config.modes.stream_idle_timeout);
        let within = config.stream_idle_timeout.filter(|_| rests != Mode::Off);
        Self {
            timeouts: timeouts.clone(),
            limit: limit.map(Period::get),
            enforced: mode == Mode::Enforce,
            rest: within.map(|within| Rest {
                within: within.get(),
                enforced: rests == Mode::Enforce,
                stalls: timeouts.stalls().clone(),
            }),
        }
    }

    /// How long a request may take until its response begins, if that is enforced. A call that
    /// was dropped later than this was most likely dropped by the timeout.
    #[must_use]
    pub fn answer_within(&self) -> Option<Duration> {
        self.limit.filter(|_| self.enforced)
    }

    /// How long the body of a response may rest.
    pub(super) fn rest(&self) -> Option<Rest> {
        self.rest.clone()
    }

    pub(super) fn deadline(&self, started: Moment) -> Option<Deadline> {
        let limit = self.limit?;
        Some(Deadline { at: started.plus(limit), enforced: self.enforced, timeouts: self.timeouts.clone() })
    }
}
