//! The traces that ended last.

use super::problem::problem;
use crate::telemetry::trace::{RecentTraces, SpanStatus, TraceFilter, TraceId};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use http::{header, StatusCode, Uri};
use ops_config::value::{days, Period};
use serde_json::json;

/// The most that are listed. There are never more.
const MOST: usize = 256;

/// The routes of traces.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(traces: RecentTraces) -> Router<S> {
    Router::new().route("/traces", get(list)).route("/traces/{id}", get(one)).with_state(traces)
}

/// `GET /traces`: the newest first.
async fn list(State(traces): State<RecentTraces>, uri: Uri) -> Response {
    match filter(&uri) {
        Ok(filter) => fresh(&json!({ "traces": traces.list(&filter) })),
        Err(detail) => problem(StatusCode::BAD_REQUEST, &detail),
    }
}

/// `GET /traces/{id}`: one with its spans.
async fn one(State(traces): State<RecentTraces>, Path(id): Path<String>) -> Response {
    let is_id = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let Some(id) = TraceId::from_hex(&id).ok().filter(|id| is_id && *id != TraceId::INVALID) else {
        let detail = "a trace id has 32 hexadecimal digits, not all zero, such as 0af7651916cd43dd8448eb211c80319c";
        return problem(StatusCode::BAD_REQUEST, detail);
    };
    if let Some(trace) = traces.get(id) {
        return fresh(&json!(trace));
    }
    let detail = format!("trace {id} is not kept here: it was not recorded, or had to make room for newer ones");
    problem(StatusCode::NOT_FOUND, &detail)
}

/// An answer that is out of date as soon as the next request ends.
fn fresh(value: &serde_json::Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

/// What is asked for, or what is wrong with the question.
fn filter(uri: &Uri) -> Result<TraceFilter, String> {
    let Query(parameters) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|error| error.to_string())?;
    let mut filter = TraceFilter::default();
    for (name, value) in parameters {
        let wrong = |expected: &str| format!("{name}={value}: expected {expected}");
        match name.as_str() {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                filter.limit = limit.ok_or_else(|| wrong("a whole number from 1 to 256, such as limit=20"))?;
            }
            "min_duration" => {
                let period = value.parse::<Period<0, { days(1) }>>();
                filter.min_duration = period.map_err(|error| format!("{name}={value}: {error}"))?.get();
            }
            "status" => {
                let statuses = [("error", SpanStatus::Error), ("ok", SpanStatus::Ok), ("unset", SpanStatus::Unset)];
                let status = statuses.into_iter().find(|(word, _)| *word == value).map(|(_, status)| status);
                filter.status = Some(status.ok_or_else(|| wrong("error, ok or unset"))?);
            }
            "route" if value.starts_with('/') => filter.route = Some(value),
            "route" => return Err(wrong("a route as the service has it, such as route=/items/{id}")),
            _ => return Err(format!("{name} is not known here: limit, min_duration, status and route are")),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests;
