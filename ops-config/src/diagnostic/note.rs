//! The other place that a fault is about.

use super::Position;
use serde_json::{json, Value};

/// Another place that a fault is about: where a key was defined first, where the bound stands that a value contradicts.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Where it is. What a variable or the command line says has no lines to show; the fault's own words name it.
    pub at: Position,
    /// What stands there, a clause.
    pub text: String,
}

impl Note {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "message": self.text,
            "path": self.at.path.display().to_string(),
            "line": self.at.line,
            "column": self.at.column,
        })
    }
}
