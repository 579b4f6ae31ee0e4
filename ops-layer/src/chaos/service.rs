//! A service that faults may strike.

use super::{
    delay::Delay,
    future::ResponseFuture,
    plan::{ChaosPlan, Strike},
};
use crate::{call::Call, refusal::Fault};
use http::Response;
use std::task::{Context, Poll};
use tower::Service;

/// A service that the faults of the pinned generation may strike.
#[derive(Clone, Copy, Debug)]
pub struct ChaosService<S> {
    inner: S,
}

impl<S> ChaosService<S> {
    /// Faults before a service.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, P, B, R, E> Service<Call<P, B>> for ChaosService<S>
where
    P: AsRef<ChaosPlan>,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, S::Future, Call<P, B>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let plan = call.plan::<ChaosPlan>();
        match plan.strike(call.path(), call.started) {
            None => ResponseFuture::called(self.inner.call(call)),
            Some(Strike::Fail(fault)) => ResponseFuture::failed(fault, plan.chaos()),
            Some(Strike::Delay { until, healed, then }) => {
                let delay = Delay::new(until, healed, then, plan.chaos());
                // The clone left behind has not been polled ready; the delayed call takes the one that has.
                let unready = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, unready);
                ResponseFuture::delayed(delay, ready, call)
            }
        }
    }
}
