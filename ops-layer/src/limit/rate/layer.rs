//! The rates as a layer of the stack.

use super::service::RateService;
use tower::Layer;

/// Puts the rates of the pinned generation around a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct RateLayer;

impl<S> Layer<S> for RateLayer {
    type Service = RateService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateService::new(inner)
    }
}
