//! The W3C Trace Context headers of a request. The SDK's propagator takes the
//! first of two `traceparent` headers, upper-case digits and clears the random
//! flag, each against the specification; this one follows it.

use super::{tracestate, TraceContext};
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The caller's place in its trace. None when there is no `traceparent`, more than one, or
/// one that is not right: then the request begins a new trace, and `tracestate` is dropped too.
#[must_use]
pub fn extract(headers: &HeaderMap) -> Option<TraceContext> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let context = TraceContext::parse(trim(value.as_bytes()))?;
    Some(context.with_tracestate(tracestate::read(headers)))
}

/// Writes the place in the trace over whatever trace headers are there. Allocates what one header value takes.
pub fn inject(context: &TraceContext, headers: &mut HeaderMap) {
    // Digits and dashes, which are not refused.
    if let Ok(value) = HeaderValue::from_bytes(&context.traceparent()) {
        headers.insert(TRACEPARENT, value);
    }
    match context.tracestate_header() {
        Some(list) => drop(headers.insert(TRACESTATE, list.clone())),
        None => drop(headers.remove(TRACESTATE)),
    }
}

/// Without the white space that HTTP allows around a value.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests;
