//! A service that must answer in time.

use super::{body::PacedBody, future::ResponseFuture, plan::TimeoutPlan};
use crate::{call::Call, refusal::Fault};
use http::Response;
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// A service that must answer within the pinned generation's request timeout.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutService<S> {
    inner: S,
}

impl<S> TimeoutService<S> {
    /// A timeout around a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for TimeoutService<S>
where
    P: AsRef<TimeoutPlan>,
    R: Body,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
{
    type Response = Response<PacedBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Waiting for readiness is not timed: there is no request yet.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let plan = call.plan::<TimeoutPlan>();
        let (deadline, rest) = (plan.deadline(call.started), plan.rest());
        ResponseFuture::new(self.inner.call(call), deadline, rest)
    }
}
