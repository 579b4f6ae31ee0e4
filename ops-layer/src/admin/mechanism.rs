//! What breakers, pools and health checks are at now.
//!
//! `GET /breakers`, `/pools` and `/probes` list all of a kind by name; with a name behind it, the one. The fields of an
//! answer and their order are those of the structures here. Nothing of the configuration is shown, so no address of a
//! database, only what was counted.

use super::problem::problem;
use crate::{
    breaker::{CircuitSnapshot, Circuits},
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

/// One breaker, as the routes show it.
#[derive(Debug, Serialize)]
struct Breaker {
    name: String,
    /// `closed`, `open` or `half_open`.
    state: &'static str,
    /// How many calls ended in each way, since the circuit was made.
    calls: BTreeMap<&'static str, u64>,
    transitions: Vec<Transition>,
}

/// How often the state changed in one way.
#[derive(Debug, Serialize)]
struct Transition {
    from: &'static str,
    to: &'static str,
    count: u64,
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

impl From<CircuitSnapshot> for Breaker {
    fn from(circuit: CircuitSnapshot) -> Self {
        let transition = |(from, to, count): (crate::breaker::CircuitState, crate::breaker::CircuitState, u64)| {
            Transition { from: from.as_str(), to: to.as_str(), count }
        };
        Self {
            name: circuit.name.to_string(),
            state: circuit.state.as_str(),
            calls: circuit.calls.iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect(),
            transitions: circuit.transitions.into_iter().map(transition).collect(),
        }
    }
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
    fn breakers(&self) -> Vec<Breaker> {
        self.circuits.snapshots().into_iter().map(Breaker::from).collect()
    }

    fn pools(&self) -> Vec<Pool> {
        self.pools.snapshot().into_iter().map(Pool::from).collect()
    }
}

/// What a path should name; its decoding may have failed.
type Named = Result<Path<String>, PathRejection>;

/// The routes of breakers, pools and checks.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(mechanisms: Mechanisms) -> Router<S> {
    type Asked = State<Mechanisms>;
    Router::new()
        .route("/breakers", get(|State(now): Asked| async move { all("breakers", now.breakers()) }))
        .route(
            "/breakers/{name}",
            get(|State(now): Asked, name: Named| async move {
                one("breaker", name, &now.breakers(), |breaker| &breaker.name)
            }),
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
    // What is no text is not repeated, nor is what is longer than any name.
    let Some(name) = name.ok().map(|Path(name)| name).filter(|name| name.len() <= 256) else {
        return problem(StatusCode::BAD_REQUEST, &format!("the name of a {kind} is a short text"));
    };
    if let Some(row) = rows.iter().find(|row| *name_of(row) == name) {
        return fresh(row);
    }
    let meant = nearest(&name, rows.iter().map(|row| name_of(row).as_str()));
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
    // A name that no section can have is shown as a text with its odd characters escaped.
    let shown = if name.parse::<Name>().is_ok() { format!("\"{name}\"") } else { format!("{name:?}") };
    problem(StatusCode::NOT_FOUND, &format!("there is no {kind} {shown}{meant}"))
}

/// An answer that is out of date with the next call.
fn fresh(value: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

#[cfg(test)]
mod tests;
