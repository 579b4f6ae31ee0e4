//! Rules of `[breakers]`.

use super::{Fact, Judge};
use crate::{diagnostic::Code, value::Ratio};

/// A rate of nothing is reached without a single failure.
pub(super) fn rates_are_above_zero(judge: &mut Judge<'_>) {
    for (name, breaker) in &judge.config.breakers {
        let failures = breaker.failure_rate.as_ref().map(|rate| ("failure_rate", rate.threshold));
        let slow = breaker.slow_calls.as_ref().map(|rate| ("slow_calls", rate.threshold));
        for (table, threshold) in failures.into_iter().chain(slow) {
            if threshold <= Ratio::ZERO {
                let fact = Fact::new(&["breakers", name.as_str(), table, "threshold"], &threshold);
                let help = format!("write threshold = 0.5, or remove {table}");
                judge.fault(Code::RateAlwaysMet, fact, "a number above 0.0, up to 1.0", help, &[]);
            }
        }
    }
}
