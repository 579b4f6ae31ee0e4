//! From a document to the types, leaving out what does not fit.

use super::conform;
use crate::{
    diagnostic::{Code, KeyPath, Segment, Violation},
    schema,
    section::OpsConfig,
    source::Draft,
};
use serde_json::Value;

/// The configuration, with defaults in the place of what is at fault, and the keys that were left
/// out. Only for looking on for faults when anything was.
pub(super) fn as_far_as_it_goes(draft: &Draft, violations: &[Violation]) -> (OpsConfig, Vec<KeyPath>) {
    if violations.is_empty() {
        if let Ok(config) = serde_json::from_value(draft.value().clone()) {
            return (config, Vec::new());
        }
    }
    let mut document = draft.value().clone();
    let mut left_out: Vec<KeyPath> = Vec::new();
    for violation in violations {
        // A variable that names no key takes nothing away.
        if violation.key == KeyPath::root() {
            continue;
        }
        leave_out(&mut document, &violation.key);
        left_out.push(violation.key.clone());
        // A misspelt key says nothing, but its default is not what was meant either.
        left_out.extend(conform::meant(&violation.key, draft.value()).filter(|_| violation.code == Code::UnknownKey));
    }
    document["version"] = 1.into();
    // What was left out may have been needed by the table around it, which then goes too.
    while let Some(key) = first_fault(&document) {
        if key == KeyPath::root() || !leave_out(&mut document, &key) {
            break;
        }
        left_out.push(key);
    }
    match serde_json::from_value(document) {
        Ok(config) => (config, left_out),
        // Nothing is known of the whole: no rule is judged.
        Err(_) => (OpsConfig::default(), vec![KeyPath::root()]),
    }
}

fn first_fault(document: &Value) -> Option<KeyPath> {
    let error = schema::validator().iter_errors(document).next()?;
    Some(conform::key(&error, document))
}

/// Takes a value out of a document; false where there is none. An element of a list takes the list
/// with it: without the element it would be another list.
fn leave_out(document: &mut Value, key: &KeyPath) -> bool {
    let mut table = document;
    let mut segments = key.segments().iter().peekable();
    while let Some(Segment::Key(name)) = segments.next() {
        let last = !matches!(segments.peek(), Some(Segment::Key(_)));
        let Some(object) = table.as_object_mut() else { return false };
        if last {
            return object.shift_remove(name).is_some();
        }
        let Some(next) = object.get_mut(name) else { return false };
        table = next;
    }
    false
}
