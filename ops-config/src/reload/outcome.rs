//! How a reload ended.

use crate::diagnostic::Violation;
use std::{fmt, time::SystemTime};

/// Where a reload was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The file could not be read, or is not yet whole.
    Read,
    /// It is not TOML.
    Parse,
    /// A value is not what the schema allows.
    Schema,
    /// Values contradict each other, or name what is not there.
    Rule,
    /// Something it needs could not be made.
    Build,
}

impl Stage {
    /// All stages, in the order in which they are reached.
    pub const ALL: [Self; 5] = [Self::Read, Self::Parse, Self::Schema, Self::Rule, Self::Build];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Parse => "parse",
            Self::Schema => "schema",
            Self::Rule => "rule",
            Self::Build => "build",
        })
    }
}

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
