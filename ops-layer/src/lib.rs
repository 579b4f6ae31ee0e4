//! Everything that reads `ops.toml`, as ordinary tower layers.
//!
//! ```no_run
//! use axum::{routing::get, Router};
//! use ops_layer::Ops;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let ops = Ops::start("ops.toml").await?; // gather, check, build, watch
//! let app = Router::new().route("/pay", get(|| async { "paid" })).layer(ops.layer());
//! ops.serve(app).await?; // listeners, signals, graceful shutdown
//! # Ok(())
//! # }
//! ```
//!
//! A request is pinned to the generation in force and crosses a fixed stack:
//!
//! ```text
//! pin → trace → access line → respond → metrics, in flight → timeout → rate → load limit → adaptive limit → breaker → chaos → service
//! ```
//!
//! Each mechanism has *state*, which lives as long as the process and survives reloads by name, and
//! a *plan*, which is what one generation says about it. A reload builds the next plan, and what can
//! fail with it, beside the one in force; then it is one store.
//!
//! | module | holds |
//! |---|---|
//! | [`clock`] | the only place that reads the time |
//! | [`refusal`] | why the stack did not let a request through |
//! | [`call`] | a request with what was pinned for it |
//! | [`telemetry`] | traces, metrics, logs |
//! | [`breaker`] | circuit breakers |
//! | [`limit`] | the load limit, the adaptive limit, and rates |
//! | [`timeout`] | the request timeout |
//! | [`retry`] | calls of other services, made again within a budget |
//! | [`chaos`] | faults made on purpose |
//! | [`pool`] | database connections |
//! | [`probe`] | health checks |
//! | [`shutdown`] | taking connections, and the end of it |
//! | [`stack`] | the order of the layers |
//! | [`admin`] | the operator's listener, and the one of metrics and probes |
//! | [`runtime`] | [`Ops`], which wires them |
//!
//! A module uses only modules above it, and mechanisms never use each other.

pub mod admin;
pub mod breaker;
pub mod call;
pub mod chaos;
pub mod clock;
pub mod limit;
pub mod pool;
pub mod probe;
pub mod refusal;
pub mod retry;
pub mod runtime;
pub mod shutdown;
pub mod stack;
pub mod telemetry;
pub mod timeout;

pub use runtime::{Config, Ops, OpsLayer, Plan, ServeError, Server, UnknownName};
