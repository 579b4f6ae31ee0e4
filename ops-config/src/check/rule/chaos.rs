//! Rules of `[chaos]`.

use super::{Fact, Judge};
use crate::diagnostic::{Code, KeyPath};

/// Faults are made only where the operator allowed them.
pub(super) fn only_where_it_is_allowed(judge: &mut Judge<'_>) {
    let chaos = &judge.config.chaos;
    let environment = &judge.config.observability.environment;
    if !chaos.enabled || chaos.environments.contains(environment) {
        return;
    }
    let here: KeyPath = ["observability", "environment"].into_iter().collect();
    let allowed: KeyPath = ["chaos", "environments"].into_iter().collect();
    let expected = format!("false: {}, which is {environment:?}, is not one of `{allowed}`", judge.said(&here));
    let help = format!("write enabled = false; only if faults are wanted there, add {environment:?} to `{allowed}`");
    judge.fault(Code::ChaosRefused, Fact::new(&["chaos", "enabled"], &true), expected, help, &[&here, &allowed]);
}

/// A delay cannot be shortened below nothing.
pub(super) fn jitter_is_within_latency(judge: &mut Judge<'_>) {
    let network = &judge.config.chaos.network;
    let Some(jitter) = network.jitter.filter(|jitter| jitter.as_millis() > 0) else { return };
    let fact = Fact::text(&["chaos", "network", "jitter"], &jitter);
    match network.latency {
        Some(latency) if jitter.as_millis() > latency.as_millis() => {
            let latency = Fact::text(&["chaos", "network", "latency"], &latency);
            judge.contradiction(Code::JitterTooLarge, fact, "at most", latency, "at least");
        }
        Some(_) => {}
        None => {
            let latency: KeyPath = ["chaos", "network", "latency"].into_iter().collect();
            let expected = format!("no jitter without `{latency}`");
            judge.fault(Code::JitterTooLarge, fact, expected, "add latency = \"100ms\", or remove jitter", &[&latency]);
        }
    }
}
