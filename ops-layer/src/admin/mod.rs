//! The operator's listener and the orchestrator's: plain HTTP, off the request path.
//!
//! [`admin`](operator_routes) answers what is in force, takes a reload, shows the recent traces and what the
//! mechanisms are at, and forces circuit breakers; it is guarded against browsers that were lured here (Host, Origin, `Sec-Fetch-Site`)
//! and, with a token, against everyone else. [`probe_routes`] answers `/metrics`
//! and the probes. Neither shows a secret: the configuration is masked where it is
//! checked, not here.

mod breaker;
mod condition;
mod config;
mod force;
mod guard;
mod history;
mod mechanism;
mod probes;
mod problem;
mod traces;

pub use config::operator_routes;
pub use guard::CHALLENGE;
pub use mechanism::Mechanisms;
pub use probes::{probe_routes, Render};

#[cfg(test)]
mod tests;
