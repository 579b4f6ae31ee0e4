//! Counts the requests under way.

use super::http::Active;
use crate::{
    call::{Call, Held},
    telemetry::TelemetryPlan,
};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tower::Service;

/// Counts the requests under way, each until its response has been sent whole.
#[derive(Clone, Debug)]
pub struct InFlightService<S> {
    pub(super) inner: S,
}

impl<S, P, B, R> Service<Call<P, B>> for InFlightService<S>
where
    P: AsRef<TelemetryPlan>,
    S: Service<Call<P, B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<Held<R, Active>>;
    type Error = S::Error;
    type Future = InFlightFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let active = call.plan::<TelemetryPlan>().http.enter();
        InFlightFuture { inner: self.inner.call(call), active: Some(active) }
    }
}

pin_project! {
    /// A request under way.
    #[derive(Debug)]
    pub struct InFlightFuture<F> {
        #[pin]
        inner: F,
        active: Option<Active>,
    }
}

impl<F, R, E> Future for InFlightFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<Held<R, Active>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        let active = this.active.take();
        Poll::Ready(Ok(response.map(|body| Held::new(body, active))))
    }
}
