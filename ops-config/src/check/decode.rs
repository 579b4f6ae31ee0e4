//! From a document to the types, leaving out what does not fit.

use super::{conform, left_out::LeftOut};
use crate::{
    diagnostic::{Code, KeyPath, Segment, Violation},
    schema,
    section::OpsConfig,
    source::Draft,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The configuration, with defaults in the place of what is at fault, and the keys that were left
/// out. Only for looking on for faults when anything was.
///
/// What does not decode although nobody has refused it is a violation from here on: a configuration
/// that was not read as it is written is never taken.
pub(super) fn as_far_as_it_goes(draft: &Draft, violations: &mut Vec<Violation>) -> (OpsConfig, LeftOut) {
    if violations.is_empty() {
        if let Ok(config) = OpsConfig::deserialize(draft.value()) {
            return (config, LeftOut::default());
        }
        // Serde's own words may hold a secret.
        violations.push(conform::undecodable(draft, &culprit(draft.value())));
    }
    let mut document = draft.value().clone();
    let mut left_out = LeftOut::default();
    for violation in violations.iter() {
        // A variable that names no key takes nothing away.
        if violation.key == KeyPath::root() {
            continue;
        }
        leave_out(&mut document, &violation.key);
        left_out.insert(violation.key.clone());
        // A misspelt key says nothing, but its default is not what was meant either.
        left_out.extend(match violation.code {
            Code::UnknownKey => conform::meant(&violation.key, draft.value()),
            Code::RetiredKey => schema::retired(&violation.key).map(|(_, instead)| instead),
            _ => None,
        });
    }
    document["version"] = 1.into();
    // What was left out may have been needed by the table around it, which then goes too.
    loop {
        let faults = faults(&document);
        let left = faults.into_iter().filter(|key| leave_out(&mut document, key)).collect::<Vec<_>>();
        if left.is_empty() {
            break;
        }
        left_out.extend(left);
    }
    match serde_json::from_value(document) {
        Ok(config) => (config, left_out),
        // Nothing is known of the whole: no rule is judged.
        Err(_) => (OpsConfig::default(), LeftOut::from_iter([KeyPath::root()])),
    }
}

/// The innermost key without which a document would decode; the root where there is none such.
fn culprit(document: &Value) -> KeyPath {
    let mut key = KeyPath::root();
    while let Some(Value::Object(table)) = key.find(document) {
        let decodes_without = |key: &KeyPath| {
            let mut rest = document.clone();
            leave_out(&mut rest, key) && OpsConfig::deserialize(rest).is_ok()
        };
        match table.keys().map(|name| key.key(name)).find(decodes_without) {
            Some(inner) => key = inner,
            None => break,
        }
    }
    key
}

/// The keys that the schema refuses.
fn faults(document: &Value) -> BTreeSet<KeyPath> {
    schema::validator().iter_errors(document).map(|error| conform::key(&error, document)).collect()
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
            // The order of a document that is only decoded means nothing; to keep it would cost its length.
            return object.swap_remove(name).is_some();
        }
        let Some(next) = object.get_mut(name) else { return false };
        table = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::as_far_as_it_goes;
    use crate::{
        diagnostic::{Code, Stage},
        source::{Draft, Sources, Texts},
    };

    /// As if the schema had taken what the types do not: nobody has said a word of it before.
    #[test]
    fn what_does_not_decode_is_never_passed_over_in_silence() {
        for (text, key, place) in [
            ("[limits]\nmode = \"of\"", "limits.mode", "ops.toml:3:8"),
            (
                "[pools.main]\nurl = \"sqlite:hunter2\"\n[limits]\nmax_in_flight = -1",
                "limits.max_in_flight",
                "ops.toml:5:17",
            ),
            ("[admin]\ntoken = { value = \"hunter2\" }", "admin.token", "ops.toml:3:9"),
            ("[limits]\nmode = \"of\"\nmax_in_flight = \"hunter2\"", "limits", "ops.toml:2:1"),
        ] {
            let text = format!("version = 1\n{text}\n");
            let texts = Texts::from_bytes("ops.toml", text.clone().into_bytes()).unwrap();
            let draft = Draft::gather(&Sources::from_file("ops.toml"), &texts).unwrap();
            let mut violations = Vec::new();
            let (_, left_out) = as_far_as_it_goes(&draft, &mut violations);
            let [violation] = violations.as_slice() else { panic!("{text}: {violations:?}") };
            assert_eq!((violation.code, violation.code.stage()), (Code::InvalidValue, Stage::Schema), "{text}");
            assert_eq!((violation.key.to_string(), violation.origin.to_string()), (key.into(), place.into()), "{text}");
            assert!(!violation.to_string().contains("hunter2"), "{violation}");
            assert!(left_out.touches(&violation.key), "{text}");
        }
    }
}
