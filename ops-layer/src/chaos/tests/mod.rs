//! What must hold of chaos.

mod decisions;
mod experiments;
mod services;

use super::{plan::Strike, Chaos, ChaosPlan, NetworkFault};
use crate::clock::Moment;
use ops_config::{
    section::{ChaosConfig, ChaosIntensity, NetworkChaos},
    value::{Count, List, Period, Ratio},
};
use std::time::Duration;

fn at(millis: u64) -> Moment {
    Moment::from_duration(Duration::from_millis(millis))
}

/// A minute of chaos on `/api/**` with this seed.
fn config(seed: u64, network: NetworkChaos) -> ChaosConfig {
    ChaosConfig {
        enabled: true,
        intensity: ChaosIntensity::Medium,
        seed: Count::try_from(seed).expect("a seed"),
        routes: List::literal(["/api/**".parse().expect("a pattern")]),
        network,
        ..ChaosConfig::default()
    }
}

fn everything() -> NetworkChaos {
    NetworkChaos {
        latency: Some(Period::literal(100)),
        jitter: Some(Period::literal(20)),
        drop_rate: Some(Ratio::literal(0.3)),
        partition: false,
    }
}

/// What was decided for a call, in the order of words: delay in nanoseconds, fault.
type Decided = Option<(u64, Option<&'static str>)>;

fn decided(plan: &ChaosPlan, path: &str) -> Decided {
    Some(match plan.strike(path, at(0))? {
        Strike::Fail(fault) => (0, Some(fault.as_str())),
        Strike::Delay { until, then, .. } => (until.nanos(), then.map(NetworkFault::as_str)),
    })
}

fn plan(seed: u64) -> ChaosPlan {
    ChaosPlan::build(&config(seed, everything()), &Chaos::new(), at(0))
}
