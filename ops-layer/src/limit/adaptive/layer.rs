//! The adaptive limit as a layer of the stack.

use super::service::AdaptiveService;
use tower::Layer;

/// Puts the adaptive limit of the pinned generation around a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdaptiveLayer;

impl<S> Layer<S> for AdaptiveLayer {
    type Service = AdaptiveService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AdaptiveService::new(inner)
    }
}
