//! The settings of one retry, and what they say of a failure.

use super::{
    backoff::Backoff,
    budget::Rates,
    pushback::Pushback,
    record::{Record, RetryOutcome, RetrySnapshot},
};
use crate::clock::Moment;
use http::{HeaderMap, Method, StatusCode};
use ops_config::{
    section::{Mode, RetryConfig},
    value::{GrpcStatus, MethodName, Period, StatusPattern},
};
use std::{sync::Arc, time::Duration};

/// One retry of a generation: its counts and the settings to judge calls by.
#[derive(Debug)]
pub struct RetryPolicy {
    pub(super) record: Arc<Record>,
    pub(super) mode: Mode,
    pub(super) attempt_timeout: Option<Duration>,
    max_attempts: u32,
    backoff: Backoff,
    rates: Rates,
    statuses: Box<[StatusPattern]>,
    grpc_statuses: Box<[GrpcStatus]>,
    methods: Box<[MethodName]>,
}

impl RetryPolicy {
    pub(super) fn new(config: &RetryConfig, record: Arc<Record>) -> Self {
        let budget = &config.budget;
        Self {
            record,
            mode: config.mode,
            attempt_timeout: config.attempt_timeout.map(Period::get),
            max_attempts: u32::try_from(config.max_attempts.get()).unwrap_or(u32::MAX),
            backoff: Backoff { initial: config.initial_backoff.get(), max: config.max_backoff.get() },
            rates: Rates::new(budget.ratio.get(), budget.min_per_second.get(), budget.window.get()),
            statuses: config.statuses[..].into(),
            grpc_statuses: config.grpc_statuses[..].into(),
            methods: config.methods[..].into(),
        }
    }

    /// Whether requests of this method may be sent twice.
    #[must_use]
    pub fn repeats(&self, method: &Method) -> bool {
        self.methods.iter().any(|known| known.as_str() == method.as_str())
    }

    /// Whether a response with this head tells of a failure that may pass. `grpc-status` counts where it stands in the
    /// head, which is where a call that failed at once has it.
    #[must_use]
    pub fn is_transient(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let told = || headers.get("grpc-status")?.to_str().ok()?.parse::<u8>().ok();
        self.statuses.iter().any(|pattern| pattern.matches(status.as_u16()))
            || (!self.grpc_statuses.is_empty())
                && told().is_some_and(|told| self.grpc_statuses.iter().any(|known| known.code() == told))
    }

    /// Its numbers now.
    #[must_use]
    pub fn snapshot(&self, now: Moment) -> RetrySnapshot {
        let Record { name, budget, .. } = &*self.record;
        let outcomes = self.record.outcomes();
        RetrySnapshot { name: name.clone(), budget: budget.balance(self.rates, now), outcomes }
    }

    /// Whether a call of which so many attempts were made is made again, and after what pause. It is paid for with that.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn again(
        &self,
        made: u32,
        asked: Option<Pushback>,
        now: Moment,
        chance: f64,
    ) -> Result<Duration, RetryOutcome> {
        if made >= self.max_attempts {
            return Err(RetryOutcome::NoAttempts);
        }
        let pause = self.backoff.pause(made, chance);
        let pause = match asked {
            None => pause,
            Some(Pushback::After(asked)) if asked <= self.backoff.max => pause.max(asked),
            Some(_) => return Err(RetryOutcome::PushedBack),
        };
        if self.record.budget.withdraw(self.rates, now) {
            Ok(pause)
        } else {
            Err(RetryOutcome::NoBudget)
        }
    }

    /// Whether no attempt is left after so many.
    pub(super) const fn is_last(&self, made: u32) -> bool {
        made >= self.max_attempts
    }
}
