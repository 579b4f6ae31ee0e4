//! Decides for each request, and runs the rest of the stack in its trace.

use super::{headers, server::ServerScope, TraceFuture, TracedBody};
use crate::{call::Call, telemetry::TelemetryPlan};
use http::Response;
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// Runs a service in the trace of each request.
#[derive(Clone, Debug)]
pub struct TraceService<S> {
    pub(super) inner: S,
}

impl<S, P, B, R> Service<Call<P, B>> for TraceService<S>
where
    P: AsRef<TelemetryPlan>,
    S: Service<Call<P, B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = TraceFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let plan = call.plan::<TelemetryPlan>();
        let remote = headers::extract(call.request.headers());
        let decision = plan.sampler.decide(call.path(), remote, &plan.state.cap, || call.started);
        plan.http.count_trace(decision.context.is_sampled());
        let mut scope = ServerScope::new(&plan.state.tracer, &call.request, decision);
        let future = scope.run(|| self.inner.call(call));
        TraceFuture::new(future, scope)
    }
}
