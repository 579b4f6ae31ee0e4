//! What a probe answers.

use serde::Serialize;

/// How well a check, or the whole service, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// All is well.
    Healthy,
    /// Something that is not critical fails. Requests can be taken.
    Degraded,
    /// Requests should not be sent.
    Unhealthy,
}

/// What the last results of one check say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// What it means for the service.
    pub status: HealthState,
    /// Why, where there is something to say.
    pub message: Option<String>,
    /// How long the last check took, in milliseconds.
    pub duration_ms: u64,
}

/// The answer to a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthStatus {
    /// The worst of all checks.
    pub status: HealthState,
    /// The checks that speak in this probe, by name.
    pub checks: Vec<CheckResult>,
    /// The version of the service.
    pub version: String,
    /// Seconds since the checker was made.
    pub uptime_seconds: u64,
}

impl HealthStatus {
    /// Whether the probe succeeds: 200, not 503.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status != HealthState::Unhealthy
    }
}
