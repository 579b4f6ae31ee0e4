//! `/metrics` and the probes.

use crate::{
    probe::{HealthChecker, HealthState, HealthStatus},
    telemetry::metric::Families,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use http::{header, StatusCode};
use std::sync::Arc;

/// The routes of the metrics listener. `render` writes all metrics as text.
pub fn probe_routes(health: HealthChecker, render: Arc<dyn Fn() -> String + Send + Sync>) -> Router {
    Router::new()
        .route("/livez", get(|State(health): State<HealthChecker>| async move { answer(health.liveness()) }))
        .route("/readyz", get(|State(health): State<HealthChecker>| async move { answer(health.readiness()) }))
        .route("/startupz", get(|State(health): State<HealthChecker>| async move { answer(health.startup()) }))
        .with_state(health)
        .route("/metrics", get(move || async move { ([(header::CONTENT_TYPE, Families::CONTENT_TYPE)], render()) }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
}

/// 200 as long as requests can be served, degraded included.
fn answer(status: HealthStatus) -> Response {
    let code = match status.status {
        HealthState::Healthy | HealthState::Degraded => StatusCode::OK,
        HealthState::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(status)).into_response()
}
