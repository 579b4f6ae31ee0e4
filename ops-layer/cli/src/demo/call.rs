//! Calls to other services, with the trace carried on.

use super::Demo;
use axum::{
    body::Body,
    extract::{Query, State},
    http::{header, uri::Uri, Method, Request, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use http_body_util::BodyExt;
use hyper_util::{client::legacy, client::legacy::connect::HttpConnector, rt::TokioExecutor};
use ops_layer::{retry::RetryError, telemetry::trace::ClientService, Ops};
use serde::Deserialize;
use tower::{Layer, ServiceExt};

/// The most that is read of an answer.
const MOST_BYTES: usize = 1 << 20;

pub(super) type Client = ClientService<legacy::Client<HttpConnector, Body>>;

/// A client for plain HTTP, which carries the trace on.
pub(super) fn client(ops: &Ops) -> Client {
    ops.client_layer().layer(legacy::Client::builder(TokioExecutor::new()).build_http())
}

/// Why a call was not made, or not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("only http:// addresses of this machine are called by the demo, and never the operator's")]
    NotForCallers,
    #[error("the call failed: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl IntoResponse for CallError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotForCallers => StatusCode::BAD_REQUEST,
            Self::Failed(_) => StatusCode::BAD_GATEWAY,
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// Whom to call.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    url: String,
}

/// One entry of `POST /test`, as the W3C's trace context suite sends them.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    url: String,
    #[serde(default)]
    arguments: serde_json::Value,
}

/// GETs `url` and passes the answer on.
pub(super) async fn call(State(demo): State<Demo>, Query(target): Query<Target>) -> Result<Response, CallError> {
    send(&demo, Method::GET, &target.url, Body::empty()).await
}

/// Posts each step's `arguments` to its `url`, one after another.
pub(super) async fn test(State(demo): State<Demo>, Json(steps): Json<Vec<Step>>) -> Result<Response, CallError> {
    for step in steps {
        send(&demo, Method::POST, &step.url, Body::from(step.arguments.to_string())).await?;
    }
    Ok("done\n".into_response())
}

async fn send(demo: &Demo, method: Method, url: &str, body: Body) -> Result<Response, CallError> {
    let uri = local(url).filter(|uri| !is_the_operators(uri, &demo.ops)).ok_or(CallError::NotForCallers)?;
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| CallError::Failed(error);
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|error| failed(error.into()))?;
    let client = demo.client.clone();
    // `retries.upstream`, where the file has it.
    let answer = match demo.ops.retry("upstream") {
        Ok(retry) => retry.layer().streamed().layer(client).oneshot(request).await.map_err(|error| match error {
            RetryError::Inner(error) => failed(error.into()),
            late @ RetryError::TimedOut { .. } => failed(late.into()),
        })?,
        Err(_) => client.oneshot(request).await.map_err(|error| failed(error.into()))?,
    };
    let (head, body) = answer.into_parts();
    let body = http_body_util::Limited::new(body, MOST_BYTES).collect().await.map_err(failed)?;
    Ok((head.status, body.to_bytes()).into_response())
}

/// Whether the address is the admin or metrics listener, which trust this machine: a caller from
/// elsewhere must not reach them through us.
fn is_the_operators(uri: &Uri, ops: &Ops) -> bool {
    let port = uri.port_u16().unwrap_or(80);
    [ops.admin_address(), ops.metrics_address()].into_iter().flatten().any(|listener| listener.port() == port)
}

/// The address, if it is one of this machine: a demo that calls any address for
/// anyone would be a way around firewalls.
fn local(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let is_local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    (uri.scheme_str() == Some("http") && is_local).then_some(uri)
}
