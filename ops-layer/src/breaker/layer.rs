//! The breakers as a layer of the stack.

use super::service::BreakerService;
use tower::Layer;

/// Puts the breakers of the pinned generation around a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct BreakerLayer;

impl<S> Layer<S> for BreakerLayer {
    type Service = BreakerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BreakerService::new(inner)
    }
}
