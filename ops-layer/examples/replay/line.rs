//! What a line may say.

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Line {
    New {
        #[serde(default)]
        config: Map<String, Value>,
    },
    At {
        ms: u64,
    },
    Begin {
        call: String,
    },
    End {
        call: String,
        outcome: Outcome,
    },
    Config {
        config: Map<String, Value>,
    },
    Force {
        state: Force,
        for_ms: Option<u64>,
    },
    State,
    Transitions,
    #[serde(other)]
    Unknown,
}

/// As the operator's route says it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Force {
    ForcedOpen,
    Closed,
    Auto,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Success,
    Failure,
    Ignored,
    Cancelled,
}
