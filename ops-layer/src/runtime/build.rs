//! From one generation to the next.

use super::{
    fault::{cannot_bind, located},
    state::State,
    Plan,
};
use crate::{
    breaker::BreakerSet,
    chaos::ChaosPlan,
    clock::Moment,
    limit::LimitPlan,
    pool,
    shutdown::{Bound, ListenerSlot},
    telemetry,
    timeout::TimeoutPlan,
};
use ops_config::{
    check::Checked,
    diagnostic::Violation,
    live::Generation,
    reload::{Build, Built},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::OwnedMutexGuard;

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
}

/// Listeners at their new addresses; none where the address stays.
#[derive(Debug)]
struct Listeners {
    metrics: Option<Bound>,
    admin: Option<Bound>,
    server: Option<Bound>,
    /// Keeps `Ops::bind` out until the commit.
    _serving: OwnedMutexGuard<bool>,
}

impl Builder {
    pub(super) const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    async fn listeners(&self, next: &Checked) -> Result<Listeners, Vec<Violation>> {
        let config = next.config();
        let serving = Arc::clone(&self.state.serving).lock_owned().await;
        let metrics = SocketAddr::new(
            config.observability.metrics_host.get(),
            // A port is a `Count<0, 65535>`.
            u16::try_from(config.observability.metrics_port.get()).unwrap_or_default(),
        );
        let mut faults = Vec::new();
        let metrics = bind(&self.state.metrics, "observability.metrics_port", metrics, &mut faults).await;
        let admin = bind(&self.state.admin, "admin.listen", config.admin.listen.get(), &mut faults).await;
        let server = if *serving {
            bind(&self.state.server, "server.listen", config.server.listen.get(), &mut faults).await
        } else {
            None
        };
        if faults.is_empty() {
            Ok(Listeners { metrics, admin, server, _serving: serving })
        } else {
            Err(faults)
        }
    }
}

async fn bind(slot: &ListenerSlot, key: &str, address: SocketAddr, faults: &mut Vec<Violation>) -> Option<Bound> {
    slot.prepare(address).await.unwrap_or_else(|error| {
        faults.push(cannot_bind(key, address, &error));
        None
    })
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
        // All three are tried, so that all faults are told at once.
        let listeners = self.listeners(next).await;
        let pools = state.pools.prepare(&config.pools).await;
        let telemetry = state.telemetry.prepare(&config.observability, current.map(|now| &now.plan.telemetry));
        let (listeners, (pools, staged_pools), (telemetry, staged_telemetry)) = match (listeners, pools, telemetry) {
            (Ok(listeners), Ok(pools), Ok(telemetry)) => (listeners, pools, telemetry),
            (listeners, pools, telemetry) => {
                let faults = [listeners.err(), pools.err(), telemetry.err()];
                return Err(located(faults.into_iter().flatten().flatten(), next));
            }
        };
        let timeout = TimeoutPlan::build(&config.limits, &state.timeouts);
        let plan = Plan {
            telemetry,
            limit: LimitPlan::build(&config.limits, &state.load),
            breakers: BreakerSet::build(&config.breakers, &state.circuits, timeout.answer_within()),
            timeout,
            chaos: ChaosPlan::build(&config.chaos, &state.chaos, Moment::now()),
            _pools: pools,
        };
        Ok(Built { plan, staged: Staged { telemetry: staged_telemetry, pools: staged_pools, listeners } })
    }

    fn commit(&mut self, staged: Staged, now: &Arc<Generation<Plan>>) {
        let state = &self.state;
        let config = now.checked.config();
        state.telemetry.commit(staged.telemetry);
        state.pools.commit(staged.pools);
        now.plan.breakers.put_in_force();
        now.plan.chaos.put_in_force();
        let Listeners { metrics, admin, server, _serving } = staged.listeners;
        for (slot, bound) in [(&state.metrics, metrics), (&state.admin, admin), (&state.server, server)] {
            if let Some(bound) = bound {
                slot.commit(bound);
            }
        }
        state.health.apply(&config.probes);
    }
}
