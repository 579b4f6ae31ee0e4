//! The span of a call, with the attributes that OpenTelemetry's HTTP conventions name for clients.
//!
//! An answer of 4xx or 5xx is an error, with its status as `error.type`. Otherwise that is `cancelled` where
//! nobody waited for the answer, `body_error` where the answer broke off, and `_OTHER` where there was none.

use crate::telemetry::{
    metric::Method,
    redact,
    trace::{
        attributes::{protocol, text},
        current,
        current::Scope,
        headers,
        sampler::random_span_id,
        server::{fail, is_client_error, status_text},
        TraceContext, Tracer,
    },
};
use http::{header::HOST, uri::Authority, HeaderMap, StatusCode, Uri, Version};
use opentelemetry::{
    trace::{SpanBuilder, SpanKind, TraceContextExt},
    Context, KeyValue,
};

/// What is current while a call is made, and its span if it is recorded. The span ends with this.
#[derive(Debug)]
pub(in crate::telemetry::trace) struct ClientScope {
    scope: Scope,
    has_status: bool,
    has_failed: bool,
}

/// Runs work within a call, if there is one that belongs to a trace.
pub(super) fn within<R>(scope: Option<&mut ClientScope>, work: impl FnOnce() -> R) -> R {
    match scope {
        Some(scope) => scope.scope.run(work),
        None => work(),
    }
}

impl ClientScope {
    /// Begins a call. None outside of every request. Asks what the call is about only where it is recorded.
    pub(in crate::telemetry::trace) fn begin(
        tracer: Option<&Tracer>,
        about: impl FnOnce() -> SpanBuilder,
    ) -> Option<Self> {
        let here = current()?;
        let context = here.with_span(random_span_id());
        let tracer = tracer.filter(|_| context.is_sampled());
        let span = tracer.map(|tracer| start(tracer, about(), &context, &here));
        Some(Self { scope: Scope { context: Some(context), span }, has_status: false, has_failed: false })
    }

    /// Makes the call carry the trace on.
    pub(in crate::telemetry::trace) fn inject(&self, headers: &mut HeaderMap) {
        if let Some(context) = &self.scope.context {
            headers::inject(context, headers);
        }
    }

    /// Notes how the call was answered; the first time, as a span may have each attribute only once.
    pub(in crate::telemetry::trace) fn answer(&mut self, status: StatusCode, version: Version) {
        let Some(context) = self.scope.span.as_ref().filter(|_| !self.has_status) else { return };
        self.has_status = true;
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        span.set_attribute(KeyValue::new("network.protocol.version", protocol(version)));
        if is_client_error(status) {
            fail(&span, &mut self.has_failed, status_text(status));
        }
    }

    /// Notes that there was no whole answer, and why.
    pub(in crate::telemetry::trace) fn fail(&mut self, kind: &'static str) {
        if let Some(context) = &self.scope.span {
            fail(&context.span(), &mut self.has_failed, kind);
        }
    }
}

impl Drop for ClientScope {
    fn drop(&mut self) {
        if !self.has_status && !self.has_failed {
            self.fail("cancelled");
        }
        if let Some(context) = &self.scope.span {
            context.span().end();
        }
    }
}

fn start(tracer: &Tracer, about: SpanBuilder, context: &TraceContext, here: &TraceContext) -> Context {
    let parent = Context::current();
    if parent.span().span_context().trace_id() == here.trace_id() {
        tracer.start_in(about, context, &parent)
    } else {
        // Somebody's own context is attached; the call still belongs to the request.
        tracer.start(about, context, Some(here))
    }
}

/// The span as it is known before the call is made.
pub(in crate::telemetry::trace) fn describe(method: &http::Method, uri: &Uri, headers: &HeaderMap) -> SpanBuilder {
    let known = Method::of(method);
    let mut attributes = Vec::with_capacity(8);
    attributes.push(KeyValue::new("http.request.method", known.label()));
    if known == Method::Other {
        attributes.push(KeyValue::new("http.request.method_original", text(method.as_str())));
    }
    // A client of one connection is given the path alone, and the host in its header.
    let in_header = || headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    if let Some(authority) = uri.authority().cloned().or_else(in_header) {
        let scheme = uri.scheme_str().unwrap_or("http");
        let port = authority.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        let address = authority.host().trim_start_matches('[').trim_end_matches(']');
        attributes.push(KeyValue::new("server.address", text(address)));
        attributes.push(KeyValue::new("server.port", i64::from(port)));
        attributes.push(KeyValue::new("url.full", text(&shown(scheme, &authority, uri))));
    }
    SpanBuilder::from_name(known.span_name()).with_kind(SpanKind::Client).with_attributes(attributes)
}

/// The span of a request that was sent so often before.
pub(super) fn resent(mut span: SpanBuilder, times: u32) -> SpanBuilder {
    let attribute = KeyValue::new("http.request.resend_count", i64::from(times));
    span.attributes.get_or_insert_default().push(attribute);
    span
}

/// The address without user and password, and with the secrets of its query masked.
fn shown(scheme: &str, authority: &Authority, uri: &Uri) -> String {
    let mut shown = format!("{scheme}://{}", authority.host());
    if let Some(port) = authority.port() {
        shown.push(':');
        shown.push_str(port.as_str());
    }
    shown.push_str(uri.path());
    if let Some(query) = uri.query() {
        shown.push('?');
        shown.push_str(&redact::query(query));
    }
    shown
}
