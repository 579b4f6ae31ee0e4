//! Measures each request.

use super::{recording::Recording, Method, MetricsFuture, Route};
use crate::{
    call::{Call, Held},
    refusal::Fault,
    telemetry::TelemetryPlan,
};
use http::Response;
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// Measures each request that a service answers, and counts those under way and those refused.
#[derive(Clone, Debug)]
pub struct MetricsService<S> {
    pub(super) inner: S,
}

impl<S, P, B, R, E> Service<Call<P, B>> for MetricsService<S>
where
    P: AsRef<TelemetryPlan>,
    S: Service<Call<P, B>, Response = Response<R>, Error = Fault<E>>,
    R: Body,
{
    type Response = Response<Held<R, Measured>>;
    type Error = Fault<E>;
    type Future = MetricsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault<E>>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let plan = call.plan::<TelemetryPlan>();
        let request = &call.request;
        let (route, method) = (Route::of_request(request), Method::of(request.method()));
        let recording = Recording::new(&plan.http, route, method, call.started);
        MetricsFuture::new(self.inner.call(call), Measured(recording))
    }
}

/// A request that is measured until this is dropped.
#[derive(Debug)]
pub struct Measured(pub(super) Recording);
