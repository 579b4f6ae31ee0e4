//! A service behind the rates.

use super::{super::Admission, plan::RatePlan};
use crate::{call::Call, refusal::Fault};
use http::Response;
use std::task::{Context, Poll};
use tower::Service;

/// A service behind the rates of the pinned generation.
#[derive(Clone, Copy, Debug)]
pub struct RateService<S> {
    inner: S,
}

impl<S> RateService<S> {
    /// Rates before a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for RateService<S>
where
    P: AsRef<RatePlan>,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Admission<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Which bucket is asked depends on the request, so an empty one cannot answer here.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        // `started` was read by the outermost layer: no second look at the clock.
        match call.plan::<RatePlan>().admit(&call.request, call.started) {
            Ok(()) => Admission::passed(self.inner.call(call)),
            Err(refusal) => Admission::refused(refusal),
        }
    }
}
