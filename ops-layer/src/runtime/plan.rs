//! What the layers find in a generation.

use crate::{
    breaker::BreakerSet,
    chaos::ChaosPlan,
    limit::{adaptive::AdaptivePlan, rate::RatePlan, LimitPlan},
    pool::PoolsPlan,
    retry::RetrySet,
    telemetry::TelemetryPlan,
    timeout::TimeoutPlan,
};

/// What the layers find in a generation: for each mechanism, its settings and the state they work on.
#[derive(Debug)]
pub struct Plan {
    pub(super) telemetry: TelemetryPlan,
    pub(super) timeout: TimeoutPlan,
    pub(super) rates: RatePlan,
    pub(super) limit: LimitPlan,
    pub(super) adaptive: AdaptivePlan,
    pub(super) breakers: BreakerSet,
    pub(super) retries: RetrySet,
    pub(super) chaos: ChaosPlan,
    /// No layer reads them; they are kept as long as the generation that names them.
    pub(super) _pools: PoolsPlan,
}

macro_rules! parts {
    ($($field:ident: $type:ty,)*) => {
        $(impl AsRef<$type> for Plan {
            fn as_ref(&self) -> &$type {
                &self.$field
            }
        })*
    };
}

parts! {
    telemetry: TelemetryPlan,
    timeout: TimeoutPlan,
    rates: RatePlan,
    limit: LimitPlan,
    adaptive: AdaptivePlan,
    breakers: BreakerSet,
    chaos: ChaosPlan,
}
