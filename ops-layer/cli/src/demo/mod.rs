//! The service that `ops serve` runs when there is nothing else to run: small, and
//! with something for every section of the file to act on.

mod call;
mod connection;
mod db;
mod items;
mod stream;

use axum::{
    extract::Query,
    http::StatusCode,
    routing::{get, post},
    Router,
};
use ops_layer::Ops;
use serde::Deserialize;
use std::time::Duration;

/// The longest wait or pause a caller may ask for.
const LONGEST: u64 = 60_000;

/// What the routes share.
#[derive(Clone, Debug)]
pub(crate) struct Demo {
    ops: Ops,
    client: call::Client,
}

/// All routes, inside the stack.
pub(crate) fn app(ops: &Ops) -> Router {
    Router::new()
        .route("/ok", get(|| async { "ok\n" }))
        .route("/slow", get(slow))
        .route("/fail", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "failed, as asked\n") }))
        .route("/items/{id}", get(items::read))
        .route("/items", post(items::create))
        .route("/db", get(db::hold))
        .route("/stream", get(stream::stream))
        .route("/call", get(call::call))
        .route("/test", post(call::test))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such route\n") })
        .with_state(Demo { ops: ops.clone(), client: call::client(ops) })
        .layer(ops.layer())
}

/// `?ms=`, bounded.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Pause {
    #[serde(default)]
    ms: u64,
}

impl Pause {
    async fn pass(self) {
        tokio::time::sleep(Duration::from_millis(self.ms.min(LONGEST))).await;
    }
}

/// Answers after `ms` milliseconds.
async fn slow(Query(pause): Query<Pause>) -> &'static str {
    pause.pass().await;
    "slow\n"
}
