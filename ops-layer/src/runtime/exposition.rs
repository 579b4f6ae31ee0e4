//! `/metrics`: what every part of the process knows, at one moment.
//!
//! Mechanisms count in plain numbers while requests pass; only a scrape pays for
//! names and labels. One small function a mechanism.

use super::{state::State, Plan};
use crate::{
    admin::Render,
    breaker::{CallOutcome, CircuitSnapshot},
    clock::Moment,
    pool::{PoolSnapshot, WaitTimes, WAIT_BUCKETS},
    probe::HealthState,
    telemetry::{
        metric::{Distribution, Families, MetricBucket, Number},
        service_name,
    },
};
use ops_config::{
    live::Live,
    reload::{ReloadHandle, Stage},
    section::ObservabilityConfig,
};
use std::{
    sync::{Arc, Weak},
    time::UNIX_EPOCH,
};

/// Writes all metrics as text. Holds the state weakly: a listener must not keep the process's state alive.
pub(super) fn renderer(state: &Arc<State>, live: &Live<Plan>, reload: &ReloadHandle) -> Render {
    let (state, live, reload): (Weak<State>, _, _) = (Arc::downgrade(state), live.clone(), reload.clone());
    Arc::new(move |exposition| {
        state.upgrade().map_or_else(String::new, |state| families(&state, &live, &reload).page(exposition))
    })
}

fn families(state: &State, live: &Live<Plan>, reload: &ReloadHandle) -> Families {
    let mut families = state.telemetry.families();
    config(&mut families, live, reload);
    target(&mut families, &live.current().checked.config().observability);
    breakers(&mut families, state);
    retries(&mut families, state);
    pools(&mut families, &state.pools.snapshot());
    probes(&mut families, state);
    chaos(&mut families, state);
    limits(&mut families, state, &live.current().plan);
    would_refuse(&mut families, state);
    families
}

fn config(families: &mut Families, live: &Live<Plan>, reload: &ReloadHandle) {
    let (generation, status) = reload.moment(live);
    let sha256 = generation.checked.sha256().to_string();
    families
        .gauge(
            "ops_config_generation",
            "The number of the configuration in force; grows by one with each applied change.",
        )
        .point(&[], generation.seq);
    families
        .gauge("ops_config_info", "Which configuration is in force, by the digest of its effective values.")
        .point(&[("sha256", &sha256)], 1u8);
    families
        .gauge("ops_config_last_reload_successful", "Whether the files hold no fault as of the last look.")
        .point(&[], status.last_error.is_none());
    let success = status.last_success_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    families
        .gauge("ops_config_last_reload_success_timestamp_seconds", "When the files were last found good.")
        .point(&[], success.as_secs_f64());
    families
        .gauge("ops_config_polling", "Whether changes are found by polling, because the system gives no events.")
        .point(&[], status.polling);
    let reloads =
        families.counter("ops_config_reloads_total", "Reloads by how they ended; a rejected one by its stage.");
    reloads.point(&[("outcome", "applied"), ("stage", "")], status.counts.applied);
    reloads.point(&[("outcome", "unchanged"), ("stage", "")], status.counts.unchanged);
    reloads.point(&[("outcome", "rolled_back"), ("stage", "")], status.counts.rolled_back);
    for stage in Stage::ALL {
        reloads.point(&[("outcome", "rejected"), ("stage", &stage.to_string())], status.counts.rejected(stage));
    }
}

/// Whose metrics these are, as OpenTelemetry's exporters tell it to Prometheus.
fn target(families: &mut Families, config: &ObservabilityConfig) {
    families
        .gauge("target_info", "The service, and where it runs.")
        .point(&[("service_name", &service_name(config)), ("deployment_environment_name", &config.environment)], 1u8);
}

fn breakers(families: &mut Families, state: &State) {
    for circuit in state.circuits.snapshots() {
        let name = circuit.name.as_str();
        // Every state always, so that "closed" can be told from "no data".
        let states =
            families.gauge("ops_breaker_state", "1 for the state each circuit breaker is in, 0 for the others.");
        for candidate in CircuitSnapshot::LABELS {
            states.point(&[("breaker", name), ("state", candidate)], candidate == circuit.label());
        }
        let transitions =
            families.counter("ops_breaker_transitions_total", "Changes of state of each circuit breaker.");
        for (from, to, count) in circuit.transitions {
            transitions.point(&[("breaker", name), ("from", from.as_str()), ("to", to.as_str())], count);
        }
        let calls = families.counter("ops_breaker_calls_total", "Calls that each circuit breaker judged, by outcome.");
        for (outcome, count) in circuit.calls {
            calls.point(&[("breaker", name), ("outcome", outcome.as_str())], count);
        }
    }
}

fn retries(families: &mut Families, state: &State) {
    for retry in state.retries.snapshots(Moment::now()) {
        let name = retry.name.as_str();
        families
            .gauge("ops_retry_budget", "The repeats of calls that each retry could pay for now.")
            .point(&[("retry", name)], retry.budget);
        let outcomes = families.counter(
            "ops_retries_total",
            "Calls that failed in a way that may pass: repeats by how they ended, and why others were not repeated.",
        );
        for (outcome, count) in retry.outcomes {
            outcomes.point(&[("retry", name), ("outcome", outcome.as_str())], count);
        }
    }
}

fn pools(families: &mut Families, pools: &[PoolSnapshot]) {
    for pool in pools {
        let name = pool.name.as_str();
        families
            .gauge("db_client_connection_count", "Connections of each pool that are idle or used.")
            .point(&[("pool", name), ("state", "idle")], pool.idle)
            .point(&[("pool", name), ("state", "used")], pool.used);
        families
            .gauge("db_client_connection_max", "The most connections each pool may open.")
            .point(&[("pool", name)], pool.max);
        families
            .gauge("db_client_connection_idle_min", "The idle connections that each pool keeps.")
            .point(&[("pool", name)], pool.min);
        families
            .gauge("db_client_connection_pending_requests", "Callers that wait for a connection.")
            .point(&[("pool", name)], pool.pending);
        families
            .counter("db_client_connection_timeouts_total", "Waits for a connection that ended in vain.")
            .point(&[("pool", name)], pool.timeouts);
        families
            .counter("ops_pool_leaks_total", "Connections held longer than `leak_threshold`.")
            .point(&[("pool", name)], pool.leaks);
    }
    for pool in pools {
        families
            .histogram("db_client_connection_wait_time_seconds", "How long callers waited for a connection.")
            .point(&[("pool", pool.name.as_str())], wait_times(&pool.waits));
    }
}

/// The pools count their waits themselves; this is only another form of the same numbers.
fn wait_times(waits: &WaitTimes) -> Distribution {
    let bucket = |bound, count| MetricBucket { bound, count, exemplar: None };
    let bounded = WAIT_BUCKETS.into_iter().zip(waits.buckets).map(|(bound, count)| bucket(bound, count));
    let buckets = bounded.chain([bucket(f64::INFINITY, waits.count)]).collect();
    Distribution { buckets, sum: Number::Real(waits.sum) }
}

fn probes(families: &mut Families, state: &State) {
    let status =
        families.gauge("ops_probe_status", "What each check found last: 1 healthy, 0.5 degraded, 0 unhealthy.");
    for check in state.health.snapshot() {
        let value = match check.status {
            HealthState::Healthy => 1.0,
            HealthState::Degraded => 0.5,
            HealthState::Unhealthy => 0.0,
        };
        status.point(&[("check", &check.name)], value);
    }
}

fn chaos(families: &mut Families, state: &State) {
    let snapshot = state.chaos.snapshot(Moment::now());
    families.gauge("ops_chaos_active", "Whether faults are being made on purpose.").point(&[], snapshot.active);
    let faults = families.counter("ops_chaos_faults_total", "Faults made on purpose.");
    for (fault, count) in snapshot.faults {
        faults.point(&[("fault", fault.as_str())], count);
    }
}

/// Bounds and what is held of them; buckets where clients decide how many there are.
fn limits(families: &mut Families, state: &State, plan: &Plan) {
    let load = ("max_in_flight", plan.limit.bound(), state.load.snapshot().held);
    let adaptive = plan.adaptive.bound().map(|bound| ("adaptive", bound, state.adaptive.snapshot().held));
    for (limit, bound, held) in [Some(load), adaptive].into_iter().flatten() {
        families
            .gauge("ops_limit_bound", "The most requests that each limit lets be under way at once.")
            .point(&[("limit", limit)], bound);
        families
            .gauge("ops_limit_held", "The requests under way that each limit counts.")
            .point(&[("limit", limit)], held);
    }
    families
        .counter("ops_streams_cut_total", "Responses cut because they made no progress.")
        .point(&[], state.timeouts.stalls().snapshot().cut);
    for (name, keys) in plan.rates.keys(Moment::now()) {
        families
            .gauge("ops_rate_limit_keys", "The keys of each rate whose buckets are not full.")
            .point(&[("limit", name.as_str())], u64::try_from(keys).unwrap_or(u64::MAX));
    }
}

fn would_refuse(families: &mut Families, state: &State) {
    let breakers: u64 = state
        .circuits
        .snapshots()
        .iter()
        .flat_map(|circuit| circuit.calls)
        .filter_map(|(outcome, count)| (outcome == CallOutcome::WouldRefuse).then_some(count))
        .sum();
    let overloaded = state.load.snapshot().would_refuse + state.adaptive.snapshot().would_refuse;
    families
        .counter(
            "ops_requests_observed_total",
            "Requests that mode \"observe\" let pass and \"enforce\" would have refused.",
        )
        .point(&[("reason", "circuit_open")], breakers)
        .point(&[("reason", "overloaded")], overloaded)
        .point(&[("reason", "timeout")], state.timeouts.snapshot().would_refuse)
        .point(&[("reason", "stream_idle")], state.timeouts.stalls().snapshot().would_cut)
        .point(&[("reason", "rate_limited")], state.rates.snapshot().would_refuse);
}

#[cfg(test)]
mod tests;
