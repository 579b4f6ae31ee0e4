//! OTLP as protobuf over HTTP.

use super::{answer::Answer, connection::HttpClient};
use bytes::Bytes;
use http::{header, HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::time::{Duration, SystemTime};
use tonic::body::Body;

/// Bytes read of an answer: it holds a number and a sentence.
const ANSWER: usize = 64 << 10;

/// The path for spans, added to the endpoint's unless it is there.
pub(super) fn traces_path(endpoint: &str) -> String {
    let (path, query) = endpoint.split_at(endpoint.find('?').unwrap_or(endpoint.len()));
    let base = path.trim_end_matches('/');
    if base.ends_with("/v1/traces") {
        format!("{base}{query}")
    } else {
        format!("{base}/v1/traces{query}")
    }
}

/// One try over HTTP.
pub(super) async fn send(client: HttpClient, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Answer {
    let mut request = Request::new(Body::new(Full::new(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    request.headers_mut().clone_from(headers);
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    let response = match client.request(request).await {
        Ok(response) => response,
        Err(error) => return Answer::lost(&error),
    };
    let (head, body) = response.into_parts();
    if !head.status.is_success() {
        return judge(head.status, &head.headers, SystemTime::now());
    }
    match Limited::new(body, ANSWER).collect().await {
        // What cannot be read is still an answer that says yes.
        Ok(body) => {
            let answer = ExportTraceServiceResponse::decode(body.to_bytes()).unwrap_or_default();
            Answer::taken(answer.partial_success.map(|partial| partial.rejected_spans))
        }
        Err(_) => Answer::taken(None),
    }
}

/// What a status other than success means for the batch, as OTLP says.
fn judge(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Answer {
    let cause = format!("HTTP status {status}");
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Answer::Later { after: retry_after(headers, now), cause },
        _ => Answer::Refused { cause },
    }
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests;
