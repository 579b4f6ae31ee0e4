//! The two layers that count.

use super::{InFlightService, MetricsService};
use tower::Layer;

/// Measures each request and counts refusals. Stands outside of everything that refuses.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricsLayer;

impl MetricsLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> MetricsService<S> {
        MetricsService { inner }
    }
}

/// Counts the requests under way, each until its response has been sent whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct InFlightLayer;

impl InFlightLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for InFlightLayer {
    type Service = InFlightService<S>;

    fn layer(&self, inner: S) -> InFlightService<S> {
        InFlightService { inner }
    }
}
