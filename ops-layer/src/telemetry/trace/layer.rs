//! Puts each request in its trace.

use super::TraceService;
use tower::Layer;

/// Puts each request in its trace: takes the caller's `traceparent` or begins a new trace,
/// decides whether it is recorded, and only then makes a span.
///
/// Stands outside of everything that answers, so that refusals carry the trace too.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

impl TraceLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner }
    }
}
