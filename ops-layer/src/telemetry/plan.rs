//! What a generation says about telemetry.

use super::{
    access::AccessRules,
    metric::{Durations, HttpCounts},
    trace::{Cap, Exporter, Sampler, Tracer},
};
use std::sync::Arc;

/// What a generation says about telemetry; requests find it in the generation they are pinned to.
#[derive(Clone, Debug)]
pub struct TelemetryPlan {
    pub(super) sampler: Arc<Sampler>,
    /// None where no request gets an access line.
    pub(super) access: Option<Arc<AccessRules>>,
    pub(super) durations: Arc<Durations>,
    pub(super) exporter: Option<Arc<Exporter>>,
    pub(super) http: Arc<HttpCounts>,
    pub(super) state: Arc<TraceState>,
}

/// What traces keep over all generations.
#[derive(Debug)]
pub(super) struct TraceState {
    pub(super) cap: Cap,
    pub(super) tracer: Tracer,
}
