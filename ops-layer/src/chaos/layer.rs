//! Chaos as a layer of the stack.

use super::service::ChaosService;
use tower::Layer;

/// Puts the faults of the pinned generation before a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChaosLayer;

impl<S> Layer<S> for ChaosLayer {
    type Service = ChaosService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ChaosService::new(inner)
    }
}
