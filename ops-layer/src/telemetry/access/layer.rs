//! Writes access lines.

use super::AccessService;
use tower::Layer;

/// Writes a line for each request that the configuration wants one for.
///
/// Stands inside the trace, so that a line carries the ids, and outside of everything that
/// answers, so that it tells what the client got.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessLayer;

impl<S> Layer<S> for AccessLayer {
    type Service = AccessService<S>;

    fn layer(&self, inner: S) -> AccessService<S> {
        AccessService { inner }
    }
}
