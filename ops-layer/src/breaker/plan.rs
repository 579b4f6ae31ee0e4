//! The settings of one breaker, and its part of the plan.

use super::{
    circuit::Circuit,
    history::{History, Length},
    machine::Ticket,
    rules::{Backoff, Rules},
    snapshot::{CircuitSnapshot, WindowCounts},
    tally::CallOutcome,
    trial::{Trial, Verdict},
};
use crate::{clock::Moment, refusal::Refusal};
use http::StatusCode;
use ops_config::{
    section::{CircuitBreakerConfig, Mode},
    value::{CallWindow, GrpcStatus, Period, Ratio, StatusPattern},
};
use std::{sync::Arc, time::Duration};

/// One breaker of a generation: a circuit and the settings to judge it by.
#[derive(Debug)]
pub struct Breaker {
    circuit: Arc<Circuit>,
    mode: Mode,
    rules: Rules,
    failed: Option<Share>,
    slow: Option<(Duration, Share)>,
    failure_statuses: Box<[StatusPattern]>,
    failure_grpc_statuses: Box<[GrpcStatus]>,
    answer_within: Option<Duration>,
}

/// A share of recent calls that opens the circuit.
#[derive(Debug)]
struct Share {
    history: Arc<History>,
    length: Length,
    threshold: f64,
    min_calls: u64,
}

impl Breaker {
    /// Settings over a circuit. What was counted before is kept.
    pub(super) fn new(
        config: &CircuitBreakerConfig,
        circuit: Arc<Circuit>,
        before: Option<&Self>,
        answer_within: Option<Duration>,
    ) -> Self {
        let before = before.filter(|before| Arc::ptr_eq(&before.circuit, &circuit));
        let failed = config.failure_rate.as_ref().map(|rate| {
            let before = before.and_then(|before| before.failed.as_ref());
            Share::new(rate.window, rate.threshold, rate.min_calls.get(), before)
        });
        let slow = config.slow_calls.as_ref().map(|slow| {
            let before = before.and_then(|before| before.slow.as_ref()).map(|(_, share)| share);
            let share = Share::new(slow.window, slow.threshold, slow.min_calls.get(), before);
            (slow.slower_than.get(), share)
        });
        Self {
            circuit,
            mode: config.mode,
            rules: Rules {
                failures: config.failure_threshold.get(),
                reset: nanos(config.reset_timeout.get()),
                trial: nanos(config.trial_timeout.map_or(config.reset_timeout.get(), Period::get)),
                trials: config.half_open_max_calls.get(),
                backoff: config.reset_backoff.as_ref().map(|backoff| Backoff {
                    factor: backoff.factor.get(),
                    max: nanos(backoff.max.get()),
                    jitter: backoff.jitter.get(),
                }),
            },
            failed,
            slow,
            failure_statuses: config.failure_statuses[..].into(),
            failure_grpc_statuses: config.failure_grpc_statuses[..].into(),
            answer_within,
        }
    }

    /// The circuit it judges.
    #[must_use]
    pub const fn circuit(&self) -> &Arc<Circuit> {
        &self.circuit
    }

    /// Whether a response of this status is a failure.
    #[must_use]
    pub fn is_failure(&self, status: StatusCode) -> bool {
        self.failure_statuses.iter().any(|pattern| pattern.matches(status.as_u16()))
    }

    /// Whether the head of a response is that of a failure: its status, or the `grpc-status` that a gRPC answer
    /// without a message has in its head ("Trailers-Only" of the gRPC protocol over HTTP/2).
    #[must_use]
    pub fn is_failed<B>(&self, response: &http::Response<B>) -> bool {
        let grpc = || {
            let code: u8 = response.headers().get("grpc-status")?.to_str().ok()?.parse().ok()?;
            Some(self.failure_grpc_statuses.iter().any(|status| status.code() == code))
        };
        self.is_failure(response.status()) || grpc().unwrap_or(false)
    }

    /// The circuit's numbers, and what these settings add.
    #[must_use]
    pub fn snapshot(&self, now: Moment) -> CircuitSnapshot {
        let (machine, now_nanos) = (&self.circuit.machine, now.nanos());
        let counts = |share: &Share| {
            let (calls, bad) = share.history.latest().sums(machine.epoch(), now_nanos);
            WindowCounts { calls, bad }
        };
        CircuitSnapshot {
            retry_after: machine.remaining(self.rules, now_nanos).map(Duration::from_nanos),
            mode: Some(self.mode),
            failed: self.failed.as_ref().map(counts),
            slow: self.slow.as_ref().map(|(_, share)| counts(share)),
            ..self.circuit.snapshot(now)
        }
    }

    /// Counts over the lengths of these settings from now on.
    pub(super) fn put_in_force(&self, now: Moment) {
        let epoch = self.circuit.epoch();
        for share in self.failed.iter().chain(self.slow.as_ref().map(|(_, share)| share)) {
            share.history.stretch(share.length, epoch, now.nanos());
        }
    }

    /// Admits a request of the stack, which came in at `started`.
    ///
    /// None: it passes and is not judged, because the mode is `off`, or because it is
    /// `observe` and the request would have been refused.
    ///
    /// # Errors
    /// When the circuit is open, or half-open with all its trials under way.
    pub fn admit(self: &Arc<Self>, started: Moment) -> Result<Option<Trial>, Refusal> {
        let ticket = self.ticket(|| started)?;
        let answer_by = self.answer_within.map(|time| started.plus(time));
        Ok(ticket.map(|ticket| Trial::new(self, ticket, started, answer_by)))
    }

    /// Admits a call made by code: no request timeout ends it, and while the circuit is closed
    /// and slow calls are not counted, no clock is read.
    pub(super) fn admit_call(self: &Arc<Self>) -> Result<Option<Trial>, Refusal> {
        let started = if self.slow.is_some() { Moment::now() } else { Moment::default() };
        let ticket = self.ticket(Moment::now)?;
        Ok(ticket.map(|ticket| Trial::new(self, ticket, started, None)))
    }

    fn ticket(&self, now: impl FnOnce() -> Moment) -> Result<Option<Ticket>, Refusal> {
        if self.mode == Mode::Off {
            return Ok(None);
        }
        match self.circuit.machine.admit(self.rules, || now().nanos()) {
            Ok((ticket, transition)) => {
                self.circuit.note(transition);
                Ok(Some(ticket))
            }
            Err(denied) => self.deny(denied.wait.map(Duration::from_nanos)).map(|()| None),
        }
    }

    #[cold]
    fn deny(&self, retry_after: Option<Duration>) -> Result<(), Refusal> {
        if self.mode == Mode::Observe {
            self.circuit.tally.call(CallOutcome::WouldRefuse);
            return Ok(());
        }
        self.circuit.tally.call(CallOutcome::Refused);
        Err(Refusal::CircuitOpen { breaker: self.circuit.name().clone(), retry_after })
    }

    /// Counts a verdict. A success with no failure pending and no window writes only to the
    /// tally and asks no clock.
    pub(super) fn judge(&self, ticket: Ticket, verdict: Verdict, started: Moment, now: impl FnOnce() -> Moment) {
        let Circuit { machine, tally, .. } = &*self.circuit;
        if verdict == Verdict::Ignored {
            machine.give_back(ticket);
            return tally.call(CallOutcome::Ignored);
        }
        if verdict == Verdict::Success && self.failed.is_none() && self.slow.is_none() {
            self.circuit.note(machine.succeed(ticket));
            return tally.call(CallOutcome::Success);
        }
        let now = now();
        let failed = verdict == Verdict::Failure;
        let slow = self.slow.as_ref().is_some_and(|(limit, _)| now.since(started) > *limit);
        tally.call(match (failed, slow) {
            (true, _) => CallOutcome::Failure,
            (false, true) => CallOutcome::Slow,
            (false, false) => CallOutcome::Success,
        });
        // A trial asks whether the dependency is well again; where slow calls are counted, a slow one says no.
        let failed_trial = slow && machine.is_trial(ticket);
        let transition = if failed || failed_trial {
            machine.fail(ticket, self.rules, now.nanos())
        } else {
            machine.succeed(ticket)
        };
        self.circuit.note(transition);
        if transition.is_none() && machine.counts(ticket) {
            self.judge_shares(ticket, failed, slow, now.nanos());
        }
    }

    fn judge_shares(&self, ticket: Ticket, failed: bool, slow: bool, now: u64) {
        let failed = self.failed.as_ref().is_some_and(|share| share.exceeded_by(ticket.epoch(), now, failed));
        let slow = self.slow.as_ref().is_some_and(|(_, share)| share.exceeded_by(ticket.epoch(), now, slow));
        if failed || slow {
            self.circuit.note(self.circuit.machine.trip(ticket, now));
        }
    }
}

impl Share {
    fn new(window: CallWindow, threshold: Ratio, min_calls: u64, before: Option<&Self>) -> Self {
        let length = Length::of(window);
        let history = before.map(|before| Arc::clone(before.history.latest()));
        let history = history.unwrap_or_else(|| Arc::new(History::new(length)));
        // A window of fewer calls is judged when it is full; it would never be otherwise.
        let min_calls = match length {
            Length::Calls(calls) => min_calls.min(calls),
            Length::Time(_) => min_calls,
        };
        Self { history, length, threshold: threshold.get(), min_calls }
    }

    /// Counts a call; whether the share of bad ones is now too large.
    fn exceeded_by(&self, epoch: u64, now: u64, bad: bool) -> bool {
        let (calls, bad) = self.history.latest().record(epoch, now, bad);
        calls >= self.min_calls && reaches(bad, calls, self.threshold)
    }
}

/// Whether `bad` of `calls` is at least the threshold; never with none bad, even at 0.0.
///
/// A quotient is rounded once, as the threshold's decimals were, so 3 of 30 is exactly 0.1;
/// `0.1 * 30.0` need not be 3.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn reaches(bad: u64, calls: u64, threshold: f64) -> bool {
    bad > 0 && bad as f64 / calls as f64 >= threshold
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
