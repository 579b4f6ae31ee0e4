//! What was in force before.

use super::config::time;
use ops_config::{
    check::Difference,
    reload::{Cause, Entry, Grounds, Status},
};
use serde_json::{json, Value};

/// The answer of `GET /config/history`, the newest generation first.
pub(super) fn history(status: &Status) -> Value {
    let generations: Vec<_> = status.history.entries().map(|entry| generation(entry)).collect();
    json!({ "generations": generations })
}

fn generation(entry: &Entry) -> Value {
    let (cause, trigger, rollback) = match entry.cause {
        Cause::Start => ("start", None, None),
        Cause::Reload { asked } => ("reload", Some(if asked { "asked" } else { "file" }), None),
        Cause::Rotation => ("rotation", Some("file"), None),
        Cause::Rollback { from, to, grounds } => {
            let trigger = if grounds == Grounds::Asked { "asked" } else { "probation" };
            ("rollback", Some(trigger), Some((from, to, grounds)))
        }
    };
    json!({
        "generation": entry.generation,
        "sha256": entry.sha256.to_string(),
        "loaded_at": time(entry.loaded_at),
        "cause": cause,
        "trigger": trigger,
        "gave_up": rollback.map(|(from, ..)| from),
        "restored": rollback.map(|(_, to, _)| to),
        "reason": rollback.map(|(.., grounds)| grounds.to_string()),
        "probation": entry.probation.as_str(),
        "rejected": entry.rejected,
        "differences": entry.differences.iter().map(Difference::to_json).collect::<Vec<_>>(),
        "more_differences": entry.more_differences,
    })
}
