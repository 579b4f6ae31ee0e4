//! Telemetry: traces, metrics, logs.
//!
//! [`Telemetry`] lives as long as the process and holds where everything goes; a
//! [`TelemetryPlan`] is what one generation says about it, found by the layers in the
//! generation a request is pinned to. [`Telemetry::prepare`] makes what can fail,
//! [`Telemetry::commit`] puts it in force; nothing that did not change is made anew.

pub mod access;
#[cfg(test)]
mod collector;
mod deck;
pub mod log;
mod masked;
pub mod metric;
#[cfg(test)]
mod output;
mod plan;
mod random;
pub mod redact;
mod state;
pub mod trace;

pub use plan::TelemetryPlan;
pub(crate) use state::service_name;
pub use state::{Installed, Staged, Telemetry};
