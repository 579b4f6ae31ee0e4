//! The span of a request, with the attributes that OpenTelemetry's HTTP conventions name.

use super::{current::Scope, sampler::Decision, tracer::Tracer};
use crate::telemetry::metric::{Method, Route};
use http::{header::USER_AGENT, Request, Response, StatusCode, Version};
use opentelemetry::{
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt},
    KeyValue,
};

/// What is current while a request is worked on, and its span if it is recorded. The span
/// ends with this.
#[derive(Debug)]
pub(super) struct ServerScope {
    scope: Scope,
    method: Method,
    answered: bool,
}

impl ServerScope {
    pub(super) fn new<B>(tracer: &Tracer, request: &Request<B>, decision: Decision) -> Self {
        let Decision { context, remote } = decision;
        let span = context.is_sampled().then(|| tracer.start(describe(request), &context, remote.as_ref()));
        Self { scope: Scope { context: Some(context), span }, method: Method::of(request.method()), answered: false }
    }

    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.scope.run(work)
    }

    /// Notes how the request was answered.
    pub(super) fn answer<B>(&mut self, response: &Response<B>) {
        self.answered = true;
        let Some(context) = &self.scope.span else { return };
        let (span, status) = (context.span(), response.status());
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if let Some(route) = response.extensions().get::<Route>() {
            span.set_attribute(KeyValue::new("http.route", route.name()));
            span.update_name(format!("{} {}", self.method.span_name(), route.name()));
        }
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            span.set_status(Status::error(""));
        }
    }

    /// Notes that there was no whole answer, and why.
    pub(super) fn fail(&mut self, kind: &'static str) {
        self.answered = true;
        if let Some(context) = &self.scope.span {
            context.span().set_attribute(KeyValue::new("error.type", kind));
            context.span().set_status(Status::error(""));
        }
    }
}

impl Drop for ServerScope {
    fn drop(&mut self) {
        if !self.answered {
            self.fail("cancelled");
        }
        if let Some(context) = &self.scope.span {
            context.span().end();
        }
    }
}

/// The span as it is known before the request is worked on.
fn describe<B>(request: &Request<B>) -> SpanBuilder {
    let method = Method::of(request.method());
    let route = Route::of_request(request);
    let name = match route {
        Some(route) => format!("{} {route}", method.span_name()),
        None => method.span_name().to_owned(),
    };
    let mut attributes = vec![
        KeyValue::new("http.request.method", method.label()),
        KeyValue::new("url.path", request.uri().path().to_owned()),
        KeyValue::new("url.scheme", request.uri().scheme_str().unwrap_or("http").to_owned()),
        KeyValue::new("network.protocol.version", protocol(request.version())),
    ];
    if method == Method::Other {
        attributes.push(KeyValue::new("http.request.method_original", request.method().as_str().to_owned()));
    }
    if let Some(route) = route {
        attributes.push(KeyValue::new("http.route", route.to_owned()));
    }
    if let Some(agent) = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        attributes.push(KeyValue::new("user_agent.original", agent.to_owned()));
    }
    SpanBuilder::from_name(name).with_kind(SpanKind::Server).with_attributes(attributes)
}

const fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

/// Whether a client's answer counts as an error of the call.
pub(super) fn is_client_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}
