//! How a reload ended.

use crate::diagnostic::{Stage, Violation};
use std::time::SystemTime;

/// How a reload ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A new generation is in force.
    Applied {
        /// Its number.
        generation: u64,
    },
    /// The content means what is in force already.
    Unchanged,
    /// The old generation stays in force, whole.
    Rejected {
        /// Where.
        stage: Stage,
        /// Why; at least one.
        violations: Vec<Violation>,
    },
    /// An earlier configuration is in force again, as a new generation.
    RolledBack {
        /// Its number.
        generation: u64,
        /// The number of the generation that was given up.
        from: u64,
        /// Why it was given up: what stands as the last error until the file changes.
        reason: Violation,
    },
}

/// The last reload that came to an end.
#[derive(Clone, Debug, PartialEq)]
pub struct LastReload {
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: SystemTime,
}

/// The fault that stands in the file now; none after a good look at it.
pub type LastError = Option<Violation>;
