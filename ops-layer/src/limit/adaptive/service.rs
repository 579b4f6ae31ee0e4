//! A service behind the adaptive limit.

use super::{future::ResponseFuture, plan::AdaptivePlan};
use crate::{call::Call, refusal::Fault};
use http::Response;
use std::task::{Context, Poll};
use tower::Service;

/// A service behind the adaptive limit of the pinned generation.
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveService<S> {
    inner: S,
}

impl<S> AdaptiveService<S> {
    /// A limit before a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for AdaptiveService<S>
where
    P: AsRef<AdaptivePlan>,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Never pending for want of a place: a request waiting in line is load, too.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        // `started` was read by the outermost layer; the one look at the clock here is at the response.
        match call.plan::<AdaptivePlan>().admit(call.started) {
            Ok(place) => ResponseFuture::admitted(self.inner.call(call), place),
            Err(refusal) => ResponseFuture::refused(refusal),
        }
    }
}
