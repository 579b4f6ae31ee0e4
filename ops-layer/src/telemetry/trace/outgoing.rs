//! A call to another service, as part of the current trace.

use super::{current, headers, sampler::random_span_id, server::is_client_error, tracer::Tracer};
use crate::telemetry::metric::Method;
use http::{Request, StatusCode};
use opentelemetry::{
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt},
    Context, KeyValue,
};

/// A call to another service. Each has an id of its own within the trace, so that two calls
/// are told apart; where the request is recorded it has a span too, which ends with this.
///
/// Keep it until the response is there. Outside of a request it does nothing.
#[derive(Debug)]
#[must_use = "the span of the call ends when this is dropped"]
pub struct Outgoing {
    span: Option<Context>,
}

impl Outgoing {
    /// Begins a call: the request carries the trace on.
    pub fn begin<B>(request: &mut Request<B>) -> Self {
        let Some(context) = current() else { return Self { span: None } };
        let context = context.with_span(random_span_id());
        headers::inject(&context, request.headers_mut());
        let parent = Context::current();
        let tracer = context.is_sampled().then(|| parent.get::<Tracer>()).flatten();
        Self { span: tracer.map(|tracer| tracer.start_in(describe(request), &context, &parent)) }
    }

    /// Notes how the call was answered.
    pub fn answered(&self, status: StatusCode) {
        let Some(context) = &self.span else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if is_client_error(status) {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            span.set_status(Status::error(""));
        }
    }

    /// Notes that there was no answer.
    pub fn failed(&self) {
        let Some(context) = &self.span else { return };
        context.span().set_attribute(KeyValue::new("error.type", "_OTHER"));
        context.span().set_status(Status::error(""));
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let Some(context) = &self.span {
            context.span().end();
        }
    }
}

fn describe<B>(request: &Request<B>) -> SpanBuilder {
    let method = Method::of(request.method());
    let mut attributes = vec![KeyValue::new("http.request.method", method.label())];
    let uri = request.uri();
    if let Some(host) = uri.host() {
        attributes.push(KeyValue::new("server.address", host.to_owned()));
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        attributes.push(KeyValue::new("server.port", i64::from(port)));
        // Without the query, which may carry what nobody should read.
        let scheme = uri.scheme_str().unwrap_or("http");
        attributes.push(KeyValue::new("url.full", format!("{scheme}://{host}:{port}{}", uri.path())));
    }
    SpanBuilder::from_name(method.span_name()).with_kind(SpanKind::Client).with_attributes(attributes)
}
