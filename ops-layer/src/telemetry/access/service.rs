//! Begins a record of each request, where lines are wanted.

use super::{record::Record, AccessBody, AccessFuture};
use crate::{call::Call, telemetry::TelemetryPlan};
use http::Response;
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// Writes a line when a request has ended.
#[derive(Clone, Debug)]
pub struct AccessService<S> {
    pub(super) inner: S,
}

impl<S, P, B, R> Service<Call<P, B>> for AccessService<S>
where
    P: AsRef<TelemetryPlan>,
    S: Service<Call<P, B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<AccessBody<R>>;
    type Error = S::Error;
    type Future = AccessFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        let rules = call.plan::<TelemetryPlan>().access.as_ref();
        // In a box, so that all other requests carry one word through the stack and not two hundred bytes.
        let record = rules.map(|rules| Box::new(Record::new(rules, &call)));
        AccessFuture::new(self.inner.call(call), record)
    }
}
