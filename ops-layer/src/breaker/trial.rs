//! An admitted call, until its verdict.

use super::plan::Breaker;
use super::{machine::Ticket, tally::CallOutcome};
use crate::clock::Moment;
use std::sync::Arc;

/// How an admitted call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did well.
    Success,
    /// It failed.
    Failure,
    /// What came of it says nothing of the dependency: it counts nowhere, and its slot is free again.
    Ignored,
}

/// An admitted call. Settled with a verdict, or by being dropped.
///
/// Dropped is no verdict: the caller went away, which says nothing of the dependency; the
/// call's slot is free again. Two ends by drop say something, and count as failures:
///
/// - the callee panicked, so the guard is dropped while marked as inside the callee;
/// - the call was dropped after the time a response may take. The timeout stands outside
///   the breaker and ends a call by dropping it; the guard cannot see who dropped it, but
///   it knows when the call came in and how long it was given, and past that moment the
///   dependency was too slow whoever gave up first.
#[derive(Debug)]
#[must_use = "dropped, the call counts as cancelled"]
pub struct Trial {
    breaker: Arc<Breaker>,
    ticket: Option<Ticket>,
    started: Moment,
    answer_by: Option<Moment>,
    inside: bool,
}

impl Trial {
    pub(super) fn new(breaker: &Arc<Breaker>, ticket: Ticket, started: Moment, answer_by: Option<Moment>) -> Self {
        Self { breaker: Arc::clone(breaker), ticket: Some(ticket), started, answer_by, inside: false }
    }

    /// Whether a response of this status is a failure, by the settings that admitted the call.
    #[must_use]
    pub fn is_failure(&self, status: http::StatusCode) -> bool {
        self.breaker.is_failure(status)
    }

    /// Whether the head of a response is that of a failure, by the settings that admitted the call.
    #[must_use]
    pub fn is_failed<B>(&self, response: &http::Response<B>) -> bool {
        self.breaker.is_failed(response)
    }

    /// Runs a part of the call: should it panic, the call has failed.
    pub fn inside<T>(&mut self, part: impl FnOnce() -> T) -> T {
        self.inside = true;
        let value = part();
        self.inside = false;
        value
    }

    /// Ends the call with a verdict. `now` is asked only where time matters.
    pub fn settle(mut self, verdict: Verdict, now: impl FnOnce() -> Moment) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.judge(ticket, verdict, self.started, now);
        }
    }

    /// Ends the call without a verdict, as dropping it at that moment does.
    pub fn abandon(mut self, now: Moment) {
        self.end_by_drop(|| now);
    }

    fn end_by_drop(&mut self, now: impl FnOnce() -> Moment) {
        let Some(ticket) = self.ticket.take() else { return };
        let (failed, now) = match self.answer_by {
            _ if self.inside => (true, now()),
            Some(answer_by) => {
                let now = now();
                (now >= answer_by, now)
            }
            None => (false, self.started),
        };
        if failed {
            self.breaker.judge(ticket, Verdict::Failure, self.started, || now);
        } else {
            let circuit = self.breaker.circuit();
            circuit.machine.give_back(ticket);
            circuit.tally.call(CallOutcome::Cancelled);
        }
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.end_by_drop(Moment::now);
    }
}
