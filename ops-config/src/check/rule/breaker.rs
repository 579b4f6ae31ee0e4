//! Rules of `[breakers]`.

use super::{Fact, Judge};
use crate::{diagnostic::Code, section::CircuitBreakerConfig, value::Ratio};

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

/// What all others take from judges nothing itself.
pub(super) fn the_default_has_no_routes(judge: &mut Judge<'_>) {
    let default = judge.config.breakers.iter().find(|(name, _)| name.as_str() == CircuitBreakerConfig::DEFAULT);
    if default.is_some_and(|(_, default)| !default.routes.is_empty()) {
        let key = ["breakers", CircuitBreakerConfig::DEFAULT, "routes"];
        let fact = Fact::new(&key, &"a list");
        let help = "give the routes to a breaker with a name of its own, such as [breakers.upstream]";
        judge.fault(Code::DefaultJudges, fact, "no routes: it is what the other breakers leave out", help, &[]);
    }
}
