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
