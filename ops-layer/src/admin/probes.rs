//! `/metrics` and the probes.

use crate::{
    probe::{HealthChecker, HealthState, HealthStatus},
    telemetry::metric::Exposition,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use http::{header, HeaderMap, StatusCode};
use std::sync::Arc;

/// Writes all metrics as text.
pub type Render = Arc<dyn Fn(Exposition) -> String + Send + Sync>;

/// The routes of the metrics listener.
pub fn probe_routes(health: HealthChecker, render: Render) -> Router {
    Router::new()
        .route("/livez", get(|State(health): State<HealthChecker>| async move { answer(health.liveness()) }))
        .route("/readyz", get(|State(health): State<HealthChecker>| async move { answer(health.readiness()) }))
        .route("/startupz", get(|State(health): State<HealthChecker>| async move { answer(health.startup()) }))
        .with_state(health)
        .route("/metrics", get(move |headers: HeaderMap| async move { metrics(&headers, &render) }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
}

/// All metrics, in the form that the client prefers.
fn metrics(headers: &HeaderMap, render: &Render) -> Response {
    let exposition = Exposition::accepted(headers);
    let kind = [(header::CONTENT_TYPE, exposition.content_type()), (header::VARY, "accept")];
    (kind, render(exposition)).into_response()
}

/// 200 as long as requests can be served, degraded included.
fn answer(status: HealthStatus) -> Response {
    let code = match status.status {
        HealthState::Healthy | HealthState::Degraded => StatusCode::OK,
        HealthState::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(status)).into_response()
}
