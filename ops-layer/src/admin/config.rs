//! What is in force, and a reload of it.

use super::guard::guard;
use axum::{
    extract::{DefaultBodyLimit, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use http::{header, HeaderMap, HeaderValue, StatusCode};
use ops_config::{
    diagnostic::Violation,
    live::{Generation, Live},
    reload::{LastReload, Outcome, ReloadHandle, Stage, Status},
    schema,
};
use serde_json::{json, Map, Value};
use std::time::{SystemTime, UNIX_EPOCH};

/// The most that is read of a request's body; none is needed yet.
const MOST_BYTES: usize = 64 << 10;

/// What the routes read.
struct Admin<P> {
    live: Live<P>,
    reload: ReloadHandle,
}

impl<P> Clone for Admin<P> {
    fn clone(&self) -> Self {
        Self { live: self.live.clone(), reload: self.reload.clone() }
    }
}

/// The routes of the operator's listener, behind their guard.
pub fn operator_routes<P: Send + Sync + 'static>(live: Live<P>, reload: ReloadHandle) -> Router {
    Router::new()
        .route("/config", get(in_force::<P>))
        .route("/config/schema", get(|| async { Json(schema::document()) }))
        .route("/config/reload", post(reload_now::<P>))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn_with_state(live.clone(), guard::<P>))
        .with_state(Admin { live, reload })
}

/// `GET /config`.
async fn in_force<P: Send + Sync + 'static>(State(admin): State<Admin<P>>, headers: HeaderMap) -> Response {
    let (generation, status) = admin.reload.moment(&admin.live);
    let tag = tag(&generation, &status);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::ETAG, tag)], Json(document(&generation, &status))).into_response()
}

/// `POST /config/reload`: the same as a file event, answered with its outcome.
async fn reload_now<P: Send + Sync + 'static>(State(admin): State<Admin<P>>) -> Response {
    let outcome = admin.reload.reload().await;
    let status = match outcome {
        Outcome::Rejected { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::Applied { .. } | Outcome::Unchanged | Outcome::RolledBack { .. } => StatusCode::OK,
    };
    (status, Json(outcome_json(&outcome))).into_response()
}

/// Changes with whatever the answer shows: the generation and each look at the file, of this process and
/// of no other that counts from 1 as well.
fn tag<P>(generation: &Generation<P>, status: &Status) -> HeaderValue {
    let rejected: u64 = Stage::ALL.iter().map(|stage| status.counts.rejected(*stage)).sum();
    let looks = status.counts.applied + status.counts.unchanged + status.counts.rolled_back + rejected;
    // Digits and dots only, which a header value always takes.
    let loaded = generation.loaded_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let tag = format!("\"{loaded}.{}.{looks}\"", generation.seq);
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn document<P>(generation: &Generation<P>, status: &Status) -> Value {
    let checked = &generation.checked;
    // Of the last good reading: an edit of comments moves lines, and makes no generation.
    let origins: Map<String, Value> =
        status.checked.origins().iter().map(|(key, origin)| (key.to_string(), origin.to_string().into())).collect();
    json!({
        "generation": generation.seq,
        "sha256": checked.sha256().to_string(),
        "loaded_at": time(generation.loaded_at),
        "value": checked.value(),
        "origins": origins,
        "last_reload": status.last_reload.as_ref().map(last_reload),
        "last_error": status.last_error.as_ref().map(Violation::to_json),
    })
}

fn last_reload(last: &LastReload) -> Value {
    let mut value = outcome_json(&last.outcome);
    if let Some(object) = value.as_object_mut() {
        object.insert("at".into(), time(last.at).into());
    }
    value
}

fn outcome_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Applied { generation } => json!({ "outcome": "applied", "generation": generation, "violations": [] }),
        Outcome::Unchanged => json!({ "outcome": "unchanged", "violations": [] }),
        Outcome::RolledBack { generation, from, reason } => json!({
            "outcome": "rolled_back",
            "generation": generation,
            "from": from,
            "violations": [reason.to_json()],
        }),
        Outcome::Rejected { stage, violations } => json!({
            "outcome": "rejected",
            "stage": stage.to_string(),
            "violations": violations.iter().map(Violation::to_json).collect::<Vec<_>>(),
        }),
    }
}

fn time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}
