//! Refusals as problem details (RFC 9457).

use crate::{refusal::Refusal, telemetry};
use bytes::Bytes;
use http::{header, HeaderValue, Response};
use serde::Serialize;

/// The body of a refusal (RFC 9457, section 3.1; `reason` and `trace_id` are extension members).
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// The response to a refused request.
pub(super) fn response(refusal: &Refusal) -> Response<Bytes> {
    let status = refusal.status();
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Refused"),
        status: status.as_u16(),
        detail: &refusal.to_string(),
        reason: refusal.reason(),
        trace_id: telemetry::trace::current().map(|context| context.trace_id().to_string()),
    };
    // Plain texts and numbers, on which serde_json cannot fail; an empty body would still refuse.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(wait) = refusal.retry_after() {
        // Whole seconds (RFC 9110, section 10.2.3), rounded up so that coming then is not too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
    }
    response
}
