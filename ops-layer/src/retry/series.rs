//! The attempts of one call.

use super::{policy::RetryPolicy, pushback::Pushback, record::RetryOutcome};
use crate::clock::Moment;
use ops_config::section::Mode;
use std::{sync::Arc, time::Duration};

/// The attempts of one call, from the first to its end. Judged by the settings in force when it began.
///
/// A repeat is paid for when it is decided on, before its pause. Dropped in between or while it is under way, it
/// counts as cancelled, and what it cost is not given back: the budget errs towards fewer calls.
#[derive(Debug)]
pub(super) struct Series {
    policy: Arc<RetryPolicy>,
    made: u32,
    started: Moment,
    is_repeat: bool,
}

impl Series {
    /// A call begins; it earns its part. None where the mode is `off`.
    pub(super) fn begin(policy: Arc<RetryPolicy>, now: Moment) -> Option<Self> {
        if policy.mode == Mode::Off {
            return None;
        }
        policy.record.budget.deposit(now);
        Some(Self { policy, made: 1, started: now, is_repeat: false })
    }

    pub(super) fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// The attempt under way; the first is 1.
    pub(super) const fn attempt(&self) -> u32 {
        self.made
    }

    /// Whether a request need not be kept, because the attempt under way is the last in any case.
    pub(super) fn is_last(&self) -> bool {
        self.policy.mode != Mode::Enforce || self.policy.is_last(self.made)
    }

    /// How long an attempt may take.
    pub(super) fn attempt_timeout(&self) -> Option<Duration> {
        self.policy.attempt_timeout.filter(|_| self.policy.mode == Mode::Enforce)
    }

    /// Whether an attempt that was only observed took longer than it may.
    pub(super) fn was_overdue(&self, now: Moment) -> bool {
        self.policy.mode == Mode::Observe
            && self.policy.attempt_timeout.is_some_and(|limit| now.since(self.started) > limit)
    }

    /// The attempt has ended. The pause after which there is another, if there is.
    pub(super) fn end(
        &mut self,
        is_transient: bool,
        asked: Option<Pushback>,
        now: Moment,
        chance: f64,
    ) -> Option<Duration> {
        self.settle(if is_transient { RetryOutcome::Failure } else { RetryOutcome::Success });
        if !is_transient {
            return None;
        }
        let pause = self.policy.again(self.made, asked, now, chance);
        match pause {
            Ok(pause) if self.policy.mode == Mode::Enforce => {
                self.made += 1;
                self.is_repeat = true;
                Some(pause)
            }
            Ok(_) => self.tell(RetryOutcome::WouldRetry),
            Err(outcome) => self.tell(outcome),
        }
    }

    /// The attempt could not even be made.
    pub(super) fn fail(&mut self) {
        self.settle(RetryOutcome::Failure);
    }

    fn tell(&self, outcome: RetryOutcome) -> Option<Duration> {
        self.policy.record.count(outcome);
        None
    }

    fn settle(&mut self, outcome: RetryOutcome) {
        if std::mem::take(&mut self.is_repeat) {
            self.policy.record.count(outcome);
        }
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        self.settle(RetryOutcome::Cancelled);
    }
}
