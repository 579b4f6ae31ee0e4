//! From one generation to the next.

use super::{
    fault::located,
    listeners::{Listeners, Places},
    state::State,
    supervisor::Reloading,
    Plan,
};
use crate::{
    breaker::{BreakerSet, CircuitState},
    chaos::ChaosPlan,
    clock::Moment,
    limit::{adaptive::AdaptivePlan, rate::RatePlan, LimitPlan},
    pool,
    retry::RetrySet,
    telemetry,
    timeout::TimeoutPlan,
};
use ops_config::{
    check::Checked,
    diagnostic::Violation,
    live::Generation,
    reload::{Build, Built, Vitals},
    section::Mode,
};
use std::sync::Arc;

/// Builds what a configuration asks for out of the state of the process.
#[derive(Debug)]
pub(super) struct Builder {
    state: Arc<State>,
}

/// What waits for the swap.
#[derive(Debug)]
pub(super) struct Staged {
    telemetry: telemetry::Staged,
    pools: pool::StagedPools,
    listeners: Listeners,
    /// None at the start.
    reloading: Option<Reloading>,
}

impl Builder {
    pub(super) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }
}

impl Build for Builder {
    type Plan = Plan;
    type Staged = Staged;

    async fn build(
        &mut self,
        next: &Arc<Checked>,
        current: Option<&Arc<Generation<Plan>>>,
    ) -> Result<Built<Plan, Staged>, Vec<Violation>> {
        let state = &self.state;
        let config = next.config();
        // Dropped where the build fails or is given up: then the service is ready again as it was.
        let reloading = current.map(|_| state.supervisor.reloading());
        // All three are tried, so that all faults are told at once.
        let places = Places::reserve(state, config).await;
        let pools = state.pools.prepare(&config.pools).await;
        let telemetry = state.telemetry.prepare(&config.observability, current.map(|now| &now.plan.telemetry));
        let (places, (pools, staged_pools), (telemetry, staged_telemetry)) = match (places, pools, telemetry) {
            (Ok(places), Ok(pools), Ok(telemetry)) => (places, pools, telemetry),
            (places, pools, telemetry) => {
                let faults = [places.err(), pools.err(), telemetry.err()];
                return Err(located(faults.into_iter().flatten().flatten(), next));
            }
        };
        let (now, before) = (Moment::now(), current.map(|current| &current.plan.rates));
        let timeout = TimeoutPlan::build(&config.limits, &state.timeouts);
        let plan = Plan {
            telemetry,
            rates: RatePlan::build(&config.limits, before, &state.rates, now),
            limit: LimitPlan::build(&config.limits, &state.load),
            adaptive: AdaptivePlan::build(&config.limits, &state.adaptive),
            breakers: BreakerSet::build(&config.breakers, &state.circuits, timeout.answer_within()),
            timeout,
            retries: RetrySet::build(&config.retries, &state.retries),
            chaos: ChaosPlan::build(&config.chaos, &state.chaos, now),
            _pools: pools,
        };
        let listeners = places.listen(&state.side).map_err(|faults| located(faults, next))?;
        Ok(Built { plan, staged: Staged { telemetry: staged_telemetry, pools: staged_pools, listeners, reloading } })
    }

    fn commit(&mut self, staged: Staged, now: &Arc<Generation<Plan>>) {
        let state = &self.state;
        let config = now.checked.config();
        state.telemetry.commit(staged.telemetry);
        state.pools.commit(staged.pools);
        now.plan.breakers.put_in_force();
        now.plan.retries.put_in_force();
        now.plan.chaos.put_in_force();
        staged.listeners.commit();
        state.health.apply(&config.probes);
        if let Some(mut reloading) = staged.reloading {
            reloading.ends_with(format!("generation {} is in force", now.seq));
        }
    }

    /// A breaker that only observes hinders nobody, so that it opens is no sign of ill.
    fn vitals(&self, now: &Generation<Plan>) -> Vitals {
        let breakers = &now.checked.config().breakers;
        let enforces = |name| breakers.get(name).is_some_and(|breaker| breaker.mode == Mode::Enforce);
        let circuits = self.state.circuits.snapshots();
        let enforcing = circuits.iter().filter(|circuit| enforces(&circuit.name));
        let openings = enforcing.flat_map(|circuit| circuit.transitions).filter_map(|(from, to, count)| {
            (from == CircuitState::Closed && to == CircuitState::Open).then_some(count)
        });
        let (requests, failures) = self.state.telemetry.answered_requests();
        let is_ready = self.state.health.readiness().is_success();
        Vitals { is_ready, requests, failures, openings: openings.sum() }
    }
}
