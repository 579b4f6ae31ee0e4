//! A service behind the breakers of the pinned generation.

use super::{future::ResponseFuture, set::BreakerSet};
use crate::{call::Call, refusal::Fault};
use http::Response;
use std::task::{Context, Poll};
use tower::Service;

/// A service behind the breakers of the pinned generation.
#[derive(Clone, Copy, Debug)]
pub struct BreakerService<S> {
    inner: S,
}

impl<S> BreakerService<S> {
    /// Breakers around a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for BreakerService<S>
where
    P: AsRef<BreakerSet>,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Which circuit is asked depends on the request, so an open one cannot answer here.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        // `started` was read by the outermost layer: no second look at the clock.
        match call.plan::<BreakerSet>().admit(call.path(), call.started) {
            Ok(Some(mut trial)) => {
                let response = trial.inside(|| self.inner.call(call));
                ResponseFuture::judged(response, trial)
            }
            Ok(None) => ResponseFuture::passed(self.inner.call(call)),
            Err(refusal) => ResponseFuture::refused(refusal),
        }
    }
}
