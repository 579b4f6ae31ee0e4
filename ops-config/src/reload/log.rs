//! What is logged of a reload: one event for each, one more for each fault.

use super::{Outcome, Probation, Symptom};
use crate::{check::Checked, diagnostic::Violation};

/// Whoever makes more mistakes at once has saved another file; the count says how many there are.
const MAX_LOGGED: usize = 100;

/// Logs how a reload ended, and what is in force after it.
pub(super) fn reload(outcome: &Outcome, generation: u64, live: &Checked) {
    let sha256 = live.sha256();
    match outcome {
        Outcome::Applied { .. } => {
            tracing::info!(name: "config.reload", outcome = "applied", generation, %sha256, "config reload");
            warnings(live);
        }
        Outcome::Unchanged => {
            tracing::info!(name: "config.reload", outcome = "unchanged", generation, %sha256, "config reload");
        }
        Outcome::RolledBack { from, reason, .. } => {
            tracing::warn!(name: "config.reload", outcome = "rolled_back", from, generation, %sha256, "config reload");
            violation(reason);
            warnings(live);
        }
        Outcome::Rejected { stage, violations } => {
            let count = violations.len();
            tracing::warn!(name: "config.reload", outcome = "rejected", %stage, generation, %sha256, violations = count, "config reload");
            violations.iter().take(MAX_LOGGED).for_each(violation);
        }
    }
}

/// Logs what is in force from the start.
pub(super) fn started(checked: &Checked) {
    tracing::info!(name: "config.start", generation = 1, sha256 = %checked.sha256(), "config start");
    warnings(checked);
}

/// Logs that a probation has begun, or what came of it.
pub(super) fn probation(generation: u64, probation: Probation, symptom: Option<Symptom>) {
    let verdict = probation.as_str();
    match symptom {
        None => tracing::info!(name: "config.probation", verdict, generation, "config probation"),
        Some(symptom) => {
            tracing::warn!(name: "config.probation", verdict, generation, reason = %symptom, "config probation");
        }
    }
}

/// Logs what was ignored and should be known.
fn warnings(checked: &Checked) {
    for warning in checked.warnings() {
        tracing::warn!(name: "config.warning", warning, "config warning");
    }
}

fn violation(violation: &Violation) {
    let Violation { code, key, origin, .. } = violation;
    let (reason, help) = (violation.headline(), violation.help.as_deref());
    tracing::warn!(name: "config.violation", %code, %key, %origin, reason, help, "config violation");
}
