//! What breakers, pools and health checks are at now.
//!
//! `GET /breakers`, `/pools` and `/probes` list all of a kind by name; with a name behind it, the one. The fields of an
//! answer and their order are those of the structures here and in `breaker`. Nothing of the configuration is shown, so
//! no address of a database, only what was counted. `POST /breakers/{name}` forces one, see `force`.

use super::{breaker::Breaker, force::force, problem::problem};
use crate::{
    breaker::Circuits,
    pool::{PoolSnapshot, Pools},
    probe::HealthChecker,
};
use axum::{
    extract::{rejection::PathRejection, Path, State},
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use http::{header, StatusCode};
use ops_config::{diagnostic::nearest, value::Name};
use serde::Serialize;
use std::collections::BTreeMap;

/// The parts of the process that the routes ask. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mechanisms {
    /// Circuit breakers.
    pub circuits: Circuits,
    /// Database pools.
    pub pools: Pools,
    /// Health checks.
    pub health: HealthChecker,
}

/// One pool, as the routes show it.
#[derive(Debug, Serialize)]
struct Pool {
    name: String,
    database: &'static str,
    idle: u32,
    used: u32,
    total: u32,
    /// Callers that wait for a connection.
    pending: u32,
    min: u32,
    max: u32,
    waits: Waits,
    /// Waits that ended in vain.
    timeouts: u64,
    /// Loans that became longer than `leak_threshold`.
    leaks: u64,
}

/// How long callers waited for a connection, since the process began.
#[derive(Debug, Serialize)]
struct Waits {
    count: u64,
    seconds: f64,
}

impl From<PoolSnapshot> for Pool {
    fn from(pool: PoolSnapshot) -> Self {
        Self {
            name: pool.name.to_string(),
            database: pool.database,
            idle: pool.idle,
            used: pool.used,
            total: pool.total,
            pending: pool.pending,
            min: pool.min,
            max: pool.max,
            waits: Waits { count: pool.waits.count, seconds: pool.waits.sum },
            timeouts: pool.timeouts,
            leaks: pool.leaks,
        }
    }
}

impl Mechanisms {
    pub(super) fn breakers(&self) -> Vec<Breaker> {
        self.circuits.snapshots().into_iter().map(Breaker::from).collect()
    }

    fn pools(&self) -> Vec<Pool> {
        self.pools.snapshot().into_iter().map(Pool::from).collect()
    }
}

/// What a path should name; its decoding may have failed.
pub(super) type Named = Result<Path<String>, PathRejection>;

/// The routes of breakers, pools and checks.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(mechanisms: Mechanisms) -> Router<S> {
    type Asked = State<Mechanisms>;
    Router::new()
        .route("/breakers", get(|State(now): Asked| async move { all("breakers", now.breakers()) }))
        .route(
            "/breakers/{name}",
            get(|State(now): Asked, name: Named| async move {
                one("breaker", name, &now.breakers(), |breaker| &breaker.name)
            })
            .post(force),
        )
        .route("/pools", get(|State(now): Asked| async move { all("pools", now.pools()) }))
        .route(
            "/pools/{name}",
            get(|State(now): Asked, name: Named| async move { one("pool", name, &now.pools(), |pool| &pool.name) }),
        )
        .route("/probes", get(|State(now): Asked| async move { all("probes", now.health.snapshot()) }))
        .route(
            "/probes/{name}",
            get(|State(now): Asked, name: Named| async move {
                one("check", name, &now.health.snapshot(), |check| &check.name)
            }),
        )
        .with_state(mechanisms)
}

/// All of a kind, by name.
fn all<T: Serialize>(kind: &'static str, rows: Vec<T>) -> Response {
    fresh(&BTreeMap::from([(kind, rows)]))
}

/// The one of a name, or which was meant.
fn one<T: Serialize>(kind: &str, name: Named, rows: &[T], name_of: fn(&T) -> &String) -> Response {
    find(kind, name, rows, name_of).map_or_else(|unknown| *unknown, fresh)
}

/// As [`one`], for who wants more of it than to show it.
pub(super) fn find<'r, T>(
    kind: &str,
    name: Named,
    rows: &'r [T],
    name_of: fn(&T) -> &String,
) -> Result<&'r T, Box<Response>> {
    // What is no text is not repeated, nor is what is longer than any name.
    let Some(name) = name.ok().map(|Path(name)| name).filter(|name| name.len() <= 256) else {
        return Err(problem(StatusCode::BAD_REQUEST, &format!("the name of a {kind} is a short text")).into());
    };
    rows.iter().find(|row| *name_of(row) == name).ok_or_else(|| {
        let meant = nearest(&name, rows.iter().map(|row| name_of(row).as_str()));
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
        // A name that no section can have is shown as a text with its odd characters escaped.
        let shown = if name.parse::<Name>().is_ok() { format!("\"{name}\"") } else { format!("{name:?}") };
        problem(StatusCode::NOT_FOUND, &format!("there is no {kind} {shown}{meant}")).into()
    })
}

/// An answer that is out of date with the next call.
pub(super) fn fresh(value: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

#[cfg(test)]
mod tests;
