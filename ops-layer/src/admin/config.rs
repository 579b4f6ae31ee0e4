//! What is in force, a reload of it, and the way back.

use super::{
    condition::{judge, only_at, tag, Verdict},
    guard::guard,
    history::history,
    mechanism::{self, Mechanisms},
    problem::problem,
    traces,
};
use crate::telemetry::trace::RecentTraces;
use axum::{
    extract::{DefaultBodyLimit, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use http::{header, HeaderMap, HeaderValue, Method, StatusCode};
use ops_config::{
    diagnostic::Violation,
    live::{Generation, Live},
    reload::{Declined, LastReload, Outcome, ReloadHandle, Revision, Status, Wish},
    schema,
};
use serde_json::{json, Map, Value};
use std::time::SystemTime;

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
pub fn operator_routes<P: Send + Sync + 'static>(
    live: Live<P>,
    reload: ReloadHandle,
    recent: RecentTraces,
    mechanisms: Mechanisms,
) -> Router {
    Router::new()
        .route("/config", get(in_force::<P>))
        .route("/config/schema", get(|| async { Json(schema::document()) }))
        .route("/config/history", get(earlier::<P>))
        .route("/config/reload", post(|admin, headers| wished::<P>(Wish::Reload, admin, headers)))
        .route("/config/rollback", post(|admin, headers| wished::<P>(Wish::Rollback, admin, headers)))
        .merge(traces::routes(recent))
        .merge(mechanism::routes(mechanisms))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn_with_state(live.clone(), guard::<P>))
        .with_state(Admin { live, reload })
}

/// `GET /config`.
async fn in_force<P: Send + Sync + 'static>(State(admin): State<Admin<P>>, headers: HeaderMap) -> Response {
    let (generation, status) = admin.reload.moment(&admin.live);
    conditional(&headers, &status, || document(&generation, &status))
}

/// `GET /config/history`.
async fn earlier<P: Send + Sync + 'static>(State(admin): State<Admin<P>>, headers: HeaderMap) -> Response {
    let status = admin.reload.status();
    conditional(&headers, &status, || history(&status))
}

fn conditional(headers: &HeaderMap, status: &Status, document: impl FnOnce() -> Value) -> Response {
    let tag = [(header::ETAG, tag(status.revision))];
    match judge(&Method::GET, headers, status.revision) {
        Verdict::Proceed => (tag, Json(document())).into_response(),
        Verdict::NotModified => (StatusCode::NOT_MODIFIED, tag).into_response(),
        Verdict::Failed => changed(status.revision),
    }
}

/// `POST /config/reload`: the same as a file event. `POST /config/rollback`: the configuration before.
/// Both are answered with their outcome; with `If-Match`, only if nothing has changed when their turn comes.
async fn wished<P: Send + Sync + 'static>(wish: Wish, State(admin): State<Admin<P>>, headers: HeaderMap) -> Response {
    let now = admin.reload.status().revision;
    if judge(&Method::POST, &headers, now) == Verdict::Failed {
        return changed(now);
    }
    match admin.reload.ask(wish, only_at(&headers)).await {
        Ok(answer) => {
            let status = match answer.outcome {
                Outcome::Rejected { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                Outcome::Applied { .. } | Outcome::Unchanged | Outcome::RolledBack { .. } => StatusCode::OK,
            };
            (status, [(header::ETAG, tag(answer.revision))], Json(outcome_json(&answer.outcome))).into_response()
        }
        Err(declined) => decline(declined, tag(admin.reload.status().revision)),
    }
}

/// What the caller has seen is not what it is about.
fn changed(now: Revision) -> Response {
    decline(Declined::Changed { now }, tag(now))
}

/// Why nothing was done.
fn decline(declined: Declined, now: HeaderValue) -> Response {
    let status = match declined {
        Declined::Changed { .. } => StatusCode::PRECONDITION_FAILED,
        Declined::NothingEarlier => StatusCode::CONFLICT,
    };
    ([(header::ETAG, now)], problem(status, &declined.to_string())).into_response()
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

pub(super) fn time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}
