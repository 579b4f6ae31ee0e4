//! A service behind the load limit.

use super::{future::ResponseFuture, gate::Permit, plan::LimitPlan};
use crate::{
    call::{Call, Held},
    refusal::Fault,
};
use http::Response;
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// A service behind the load limit of the pinned generation.
#[derive(Clone, Copy, Debug)]
pub struct LimitService<S> {
    inner: S,
}

impl<S> LimitService<S> {
    /// A limit before a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for LimitService<S>
where
    P: AsRef<LimitPlan>,
    R: Body,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
{
    type Response = Response<Held<R, Permit>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Never pending for want of a permit: a request waiting in line is load, too.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        match call.plan::<LimitPlan>().admit() {
            Ok(permit) => ResponseFuture::admitted(self.inner.call(call), permit),
            Err(refusal) => ResponseFuture::refused(refusal),
        }
    }
}
