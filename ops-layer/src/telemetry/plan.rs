//! What a generation says about telemetry.

use super::{
    metric::{Durations, HttpCounts},
    trace::{Exporter, Sampler, Tally, Tracer},
};
use std::sync::Arc;

/// What a generation says about telemetry; requests find it in the generation they are pinned to.
#[derive(Clone, Debug)]
pub struct TelemetryPlan {
    pub(super) sampler: Arc<Sampler>,
    pub(super) durations: Arc<Durations>,
    pub(super) exporter: Option<Arc<Exporter>>,
    pub(super) http: Arc<HttpCounts>,
    pub(super) state: Arc<TraceState>,
}

/// What traces keep over all generations.
#[derive(Debug)]
pub(super) struct TraceState {
    pub(super) tally: Tally,
    pub(super) tracer: Tracer,
}
