//! The limit as a layer of the stack.

use super::service::LimitService;
use tower::Layer;

/// Puts the load limit of the pinned generation around a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitLayer;

impl<S> Layer<S> for LimitLayer {
    type Service = LimitService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitService::new(inner)
    }
}
