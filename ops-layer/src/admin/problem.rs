//! Why a request of an operator was not done, as RFC 9457 has it.

use axum::response::{IntoResponse, Response};
use http::{header, HeaderValue, StatusCode};
use serde_json::json;

/// The answer to a request that was not done.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
    let problem = json!({ "status": status.as_u16(), "title": status.canonical_reason(), "detail": detail });
    (status, kind, problem.to_string()).into_response()
}
