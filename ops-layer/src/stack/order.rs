//! The order of the layers, in one place, each with the reason for its place.

use super::{Innermost, Pin, Respond, RespondLayer};
use crate::{
    breaker::{BreakerLayer, BreakerService},
    chaos::{ChaosLayer, ChaosService},
    limit::{
        adaptive::{AdaptiveLayer, AdaptiveService},
        rate::{RateLayer, RateService},
        LimitLayer, LimitService,
    },
    telemetry::{
        access::{AccessLayer, AccessService},
        metric::{MetricsLayer, MetricsService},
        trace::{TraceLayer, TraceService},
    },
    timeout::{TimeoutLayer, TimeoutService},
};
use ops_config::live::Live;
use std::fmt;
use tower::{Layer, ServiceBuilder};

/// A service inside the whole stack.
pub type Stack<S, P> = Pin<
    TraceService<
        AccessService<
            Respond<
                MetricsService<
                    TimeoutService<
                        RateService<LimitService<AdaptiveService<BreakerService<ChaosService<Innermost<S>>>>>>,
                    >,
                >,
            >,
        >,
    >,
    P,
>;

/// The whole stack as one tower layer. It reads the generation in force at each
/// request, so it is made once and never rebuilt.
pub struct StackLayer<P> {
    live: Live<P>,
}

impl<P> StackLayer<P> {
    /// The stack that reads `live`.
    #[must_use]
    pub const fn new(live: Live<P>) -> Self {
        Self { live }
    }
}

impl<P> Clone for StackLayer<P> {
    fn clone(&self) -> Self {
        Self { live: self.live.clone() }
    }
}

impl<P> fmt::Debug for StackLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackLayer").finish_non_exhaustive()
    }
}

impl<S, P> Layer<S> for StackLayer<P> {
    type Service = Stack<S, P>;

    fn layer(&self, service: S) -> Self::Service {
        let layers = ServiceBuilder::new()
            // Outside everything below, so that a refusal's response and its log lines carry the trace id.
            .layer(TraceLayer)
            // Inside the trace, so that an access line carries its ids; outside of what answers, so that it tells what
            // the client got.
            .layer(AccessLayer)
            // Outside the metrics, which count refusals as what they are; inside the trace, which sees the final status.
            .layer(RespondLayer)
            // Outside everything that refuses, so that refusals are counted; what waits is in flight as well, and one
            // layer counts both, so that a request is noted once where it begins and once where it ends.
            .layer(MetricsLayer)
            // Outside the load limit and the breaker: time spent in them is the caller's time too.
            .layer(TimeoutLayer)
            // Outside the load limit: who comes too fast should not take the places of others.
            .layer(RateLayer)
            // Outside the breaker: an overload of ours says nothing about the service behind it.
            .layer(LimitLayer)
            // Inside the load limit, which is cheaper to ask and stands for what the process can bear; outside the breaker,
            // so that a trial is not begun that would then be refused.
            .layer(AdaptiveLayer)
            // Outside chaos, so that every defence meets the injected fault.
            .layer(BreakerLayer)
            // Innermost: a fault looks like one of the service's own.
            .layer(ChaosLayer);
        // First of all, so that every layer judges the request by one generation.
        Pin::new(layers.service(Innermost::new(service)), self.live.clone())
    }
}
