//! The part of the plan: which faults, how many, where, until when.

use super::{
    decision::{delay, Rate, Stream},
    experiment::{Chaos, Experiment, InForce, NetworkFault},
};
use crate::clock::Moment;
use ops_config::{
    section::ChaosConfig,
    value::{Period, Ratio, RoutePattern},
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Chaos's part of the plan.
#[derive(Debug)]
pub struct ChaosPlan {
    chaos: Chaos,
    armed: Option<Armed>,
}

#[derive(Debug)]
struct Armed {
    routes: Box<[RoutePattern]>,
    delays: Option<Arc<Delays>>,
    drops: Option<Rate>,
    partition: bool,
    experiment: Arc<Experiment>,
    ends_at: Moment,
}

/// Everything that decides which calls are delayed and for how long. While all of it stays as
/// it is over a reload, delays under way go on; when any of it changes, they end.
#[derive(Debug)]
pub(super) struct Delays {
    routes: Box<[RoutePattern]>,
    latency: Duration,
    jitter: Duration,
    rate: Rate,
    seed: u64,
    ends_at: Moment,
    healed: CancellationToken,
}

/// What happens to a call.
#[derive(Debug)]
pub(super) enum Strike {
    /// It does not reach the service.
    Fail(NetworkFault),
    /// It waits until that moment or until it is healed; if the one and not the other, a second
    /// fault may follow.
    Delay { until: Moment, healed: CancellationToken, then: Option<NetworkFault> },
}

impl ChaosPlan {
    /// The faults of this configuration. Changes nothing that is in force.
    ///
    /// An experiment begins when `enabled` becomes true, at `now`, and goes on over reloads
    /// until it becomes false; another seed starts its ordinals anew, not its time.
    #[must_use]
    pub fn build(config: &ChaosConfig, chaos: &Chaos, now: Moment) -> Self {
        let before = chaos.in_force().clone();
        let armed = config.enabled.then(|| Armed::new(config, before.as_ref(), now));
        Self { chaos: chaos.clone(), armed }
    }

    /// Puts these faults in force and ends delays under way that no longer stand.
    pub fn put_in_force(&self) {
        let next = self.armed.as_ref().map(|armed| InForce {
            experiment: Arc::clone(&armed.experiment),
            ends_at: armed.ends_at,
            delays: armed.delays.clone(),
        });
        let delays = next.as_ref().and_then(|next| next.delays.clone());
        let before = std::mem::replace(&mut *self.chaos.in_force(), next);
        let before = before.and_then(|before| before.delays);
        // The tokens of old and new are the same while the delays still stand.
        if let Some(ended) = before.filter(|old| delays.is_none_or(|new| !Arc::ptr_eq(old, &new))) {
            ended.healed.cancel();
        }
    }

    /// Whether faults are made at a moment.
    #[must_use]
    pub fn is_active(&self, now: Moment) -> bool {
        self.armed.as_ref().is_some_and(|armed| now < armed.ends_at)
    }

    /// What happens to the request for a path, which came in at `started`. None: nothing.
    pub(super) fn strike(&self, path: &str, started: Moment) -> Option<Strike> {
        self.armed.as_ref()?.strike(path, started)
    }

    /// Where faults are counted.
    pub(super) const fn chaos(&self) -> &Chaos {
        &self.chaos
    }
}

impl Armed {
    fn new(config: &ChaosConfig, before: Option<&InForce>, now: Moment) -> Self {
        let seed = config.seed.get();
        let experiment = match before.map(|before| &before.experiment) {
            Some(running) if running.seed == seed => Arc::clone(running),
            Some(running) => Arc::new(Experiment::new(running.started, seed)),
            None => Arc::new(Experiment::new(now, seed)),
        };
        let ends_at = experiment.started.plus(config.duration.get());
        let delays = Delays::new(config, ends_at).map(|delays| {
            let before = before.and_then(|before| before.delays.as_ref());
            before.filter(|before| before.same_as(&delays)).map_or_else(|| Arc::new(delays), Arc::clone)
        });
        Self {
            routes: config.routes[..].into(),
            delays,
            drops: config.network.drop_rate.filter(|rate| *rate > Ratio::ZERO).map(Rate::new),
            partition: config.network.partition,
            experiment,
            ends_at,
        }
    }

    fn strike(&self, path: &str, started: Moment) -> Option<Strike> {
        if started >= self.ends_at || !self.routes.iter().any(|route| route.matches(path)) {
            return None;
        }
        let ordinal = self.experiment.next_ordinal();
        if self.partition {
            return Some(Strike::Fail(NetworkFault::Partition));
        }
        let drops = self.drops.filter(|rate| rate.strikes(self.experiment.seed, Stream::Drop, ordinal));
        let drop = drops.map(|_| NetworkFault::Drop);
        let Some(delays) = self.delays.as_ref().filter(|delays| delays.strikes(ordinal)) else {
            return drop.map(Strike::Fail);
        };
        let until = started.plus(delays.delay(ordinal));
        let healed = delays.healed.clone();
        // No fault outlives its experiment: a delay ends with it, and nothing follows.
        Some(if until < self.ends_at {
            Strike::Delay { until, healed, then: drop }
        } else {
            Strike::Delay { until: self.ends_at, healed, then: None }
        })
    }
}

impl Delays {
    fn new(config: &ChaosConfig, ends_at: Moment) -> Option<Self> {
        Some(Self {
            routes: config.routes[..].into(),
            latency: config.network.latency?.get(),
            jitter: config.network.jitter.map_or(Duration::ZERO, Period::get),
            rate: Rate::new(config.intensity.rate()),
            seed: config.seed.get(),
            ends_at,
            healed: CancellationToken::new(),
        })
    }

    fn same_as(&self, other: &Self) -> bool {
        let Self { routes, latency, jitter, rate, seed, ends_at, healed: _ } = self;
        *routes == other.routes
            && (*latency, *jitter, *rate) == (other.latency, other.jitter, other.rate)
            && (*seed, *ends_at) == (other.seed, other.ends_at)
    }

    fn strikes(&self, ordinal: u64) -> bool {
        self.rate.strikes(self.seed, Stream::Latency, ordinal)
    }

    fn delay(&self, ordinal: u64) -> Duration {
        delay(self.latency, self.jitter, self.seed, ordinal)
    }
}
