//! The span of a request, from its begin to the last byte of its answer.
//!
//! Kind, name, attributes and status follow OpenTelemetry's stable HTTP conventions: an answer of 5xx is an
//! error, one of 4xx is the client's. `error.type` is the status of such an answer, or one of
//!
//! | `error.type` | what happened |
//! |---|---|
//! | `circuit_open`, `overloaded`, `timeout`, `chaos` | the stack refused, for this reason |
//! | `service_error` | the service failed without an answer |
//! | `body_error` | the answer broke off while it was sent |
//! | `cancelled` | the client went away before it had the whole answer |
//! | `panic` | the service panicked |

use super::{
    attributes::{describe, name},
    current::Scope,
    sampler::Decision,
    tracer::Tracer,
};
use crate::{
    refusal::Refusal,
    telemetry::metric::{Method, Route},
};
use http::{header::CONTENT_LENGTH, Request, Response, StatusCode};
use http_body::Body;
use opentelemetry::{
    trace::{SpanRef, Status, TraceContextExt},
    KeyValue,
};

/// What is current while a request is worked on, and its span if it is recorded. The span
/// ends with this.
#[derive(Debug)]
pub(super) struct ServerScope {
    scope: Scope,
    method: Method,
    stage: Stage,
    is_routed: bool,
    has_failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Nobody has answered.
    Begun,
    /// There is an answer, of which this many bytes are still to be sent, if that is known.
    Answered(Option<u64>),
    /// The client has got all there is to get, or will not get more for a reason that was noted.
    Ended,
}

impl ServerScope {
    pub(super) fn new<B>(tracer: &Tracer, request: &Request<B>, decision: Decision) -> Self {
        let Decision { context, remote } = decision;
        let method = Method::of(request.method());
        let span = context.is_sampled().then(|| tracer.start(describe(request, method), &context, remote.as_ref()));
        let is_routed = Route::of_request(request).is_some();
        let scope = Scope { context: Some(context), span };
        Self { scope, method, stage: Stage::Begun, is_routed, has_failed: false }
    }

    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.scope.run(work)
    }

    /// Notes how the request was answered.
    pub(super) fn answer<B: Body>(&mut self, response: &Response<B>) {
        let Some(context) = &self.scope.span else { return };
        let (span, status) = (context.span(), response.status());
        self.stage = Stage::Answered(length(response));
        if ends_with_head(self.method, status) {
            self.stage = Stage::Ended;
        }
        let refusal = response.extensions().get::<Refusal>();
        // Where chaos drops the connection, the client never sees a status.
        if refusal != Some(&Refusal::Dropped) {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        }
        if let Some(route) = response.extensions().get::<Route>().filter(|_| !self.is_routed) {
            span.set_attribute(KeyValue::new("http.route", route.name()));
            span.update_name(name(self.method, route.name()));
        }
        match refusal {
            Some(refusal) => fail(&span, &mut self.has_failed, refusal.reason()),
            None if status.is_server_error() => fail(&span, &mut self.has_failed, status_text(status)),
            None => {}
        }
    }

    /// Notes bytes of the answer that went out.
    pub(super) fn sent(&mut self, bytes: usize) {
        if let Stage::Answered(Some(left)) = &mut self.stage {
            *left = left.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    /// Notes that the answer is whole.
    pub(super) fn complete(&mut self) {
        self.stage = Stage::Ended;
    }

    /// Notes that there was no whole answer, and why.
    pub(super) fn fail(&mut self, kind: &'static str) {
        self.stage = Stage::Ended;
        if let Some(context) = &self.scope.span {
            fail(&context.span(), &mut self.has_failed, kind);
        }
    }
}

impl Drop for ServerScope {
    fn drop(&mut self) {
        // Who serves lets go of a body as soon as all the bytes that it promised are out.
        if !matches!(self.stage, Stage::Ended | Stage::Answered(Some(0))) {
            self.fail(if std::thread::panicking() { "panic" } else { "cancelled" });
        }
        if let Some(context) = &self.scope.span {
            context.span().end();
        }
    }
}

/// The first fault is the cause; what comes after follows from it. A span may have each attribute only once.
pub(super) fn fail(span: &SpanRef<'_>, has_failed: &mut bool, kind: impl Into<opentelemetry::Value>) {
    if !std::mem::replace(has_failed, true) {
        span.set_attribute(KeyValue::new("error.type", kind.into()));
        span.set_status(Status::error(""));
    }
}

/// How many bytes the answer has, where that is said.
pub(in crate::telemetry) fn length<B: Body>(response: &Response<B>) -> Option<u64> {
    let said = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    said.or_else(|| response.body().size_hint().exact())
}

/// Whether an answer ends with its head, whatever body there is (RFC 9110, section 6.4.1). After that of an
/// accepted `CONNECT` comes what goes through the tunnel.
pub(in crate::telemetry) fn ends_with_head(method: Method, status: StatusCode) -> bool {
    method == Method::Head
        || (method == Method::Connect && status.is_success())
        || status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}

pub(super) fn status_text(status: StatusCode) -> opentelemetry::Value {
    super::attributes::text(status.as_str()).into()
}

/// Whether a client's answer counts as an error of the call.
pub(super) fn is_client_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

#[cfg(test)]
mod tests;
