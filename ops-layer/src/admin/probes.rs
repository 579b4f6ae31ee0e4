//! `/metrics` and the probes.
//!
//! The page of metrics asks collectors of the program's own and reads `/proc`; either may take its time. So it is made
//! beside the runtime's workers and one page at a time: whatever a scrape waits for, it holds one thread that nobody
//! else needs, and the probes are answered meanwhile. A scrape that is held up is not answered in its stead with an
//! error: only the scraper knows how long it wants to wait.

use crate::{
    probe::{Answer, HealthChecker, HealthState, Probe, Question},
    telemetry::metric::Exposition,
};
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::{get, MethodRouter},
    Router,
};
use http::{header, HeaderMap, StatusCode};
use std::sync::Arc;
use tokio::{sync::Mutex, task::spawn_blocking};

/// Writes all metrics as text.
pub type Render = Arc<dyn Fn(Exposition) -> String + Send + Sync>;

/// The routes of the metrics listener.
pub fn probe_routes(health: HealthChecker, render: Render) -> Router {
    let turn = Arc::new(Mutex::new(()));
    Router::new()
        .route("/livez", probe(Probe::Liveness))
        .route("/readyz", probe(Probe::Readiness))
        .route("/startupz", probe(Probe::Startup))
        .with_state(health)
        .route("/metrics", get(move |headers: HeaderMap| metrics(headers, render.clone(), turn.clone())))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
}

/// A probe, with `?quiet`, `?verbose` and `?exclude=NAME` as [`Question`] has them; `HEAD` gets the status alone.
fn probe(probe: Probe) -> MethodRouter<HealthChecker> {
    get(move |State(health): State<HealthChecker>, RawQuery(query): RawQuery| async move {
        answer(health.answer(&Question::parse(probe, query.as_deref().unwrap_or_default())))
    })
}

/// All metrics, in the form that the client prefers.
async fn metrics(headers: HeaderMap, render: Render, turn: Arc<Mutex<()>>) -> Response {
    let exposition = Exposition::accepted(&headers);
    let turn = turn.lock_owned().await;
    let page = spawn_blocking(move || {
        // Held until the page is made, even where its client has gone: or scrapes that never end would pile up.
        let _turn = turn;
        render(exposition)
    });
    let kind = [(header::CONTENT_TYPE, exposition.content_type()), (header::VARY, "accept")];
    match page.await {
        Ok(page) => (kind, page).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made\n").into_response(),
    }
}

/// 200 as long as requests can be served, degraded included.
fn answer(answer: Answer) -> Response {
    let code = match answer.state {
        HealthState::Healthy | HealthState::Degraded => StatusCode::OK,
        HealthState::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    // What was true a moment ago is no answer.
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (code, kind, answer.body).into_response()
}

#[cfg(test)]
mod tests;
