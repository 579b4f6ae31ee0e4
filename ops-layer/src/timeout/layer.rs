//! The timeout as a layer of the stack.

use super::service::TimeoutService;
use tower::Layer;

/// Puts the request timeout of the pinned generation around a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeoutLayer;

impl<S> Layer<S> for TimeoutLayer {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimeoutService::new(inner)
    }
}
