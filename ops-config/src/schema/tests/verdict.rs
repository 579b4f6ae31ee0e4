//! The schema and serde give the same verdict, and the same bounds and defaults.

use super::{
    super::{document, entries, expected, form::Form, sample as worked, validator, NAME},
    documents::{places, valid, Change, Secrets},
};
use crate::{
    diagnostic::Segment,
    section::OpsConfig,
    value::{days, gib, Period, Size},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{json, Value};

fn decodes(document: &Value) -> Result<OpsConfig, serde_json::Error> {
    serde_json::from_value(document.clone())
}

fn faults(document: &Value) -> Vec<String> {
    validator().iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Feature: production-excellence, Property 20: what the schema describes, serde decodes.
    #[test]
    fn a_document_made_from_the_schema_decodes(made in valid(document(), Secrets::Any)) {
        prop_assert_eq!(faults(&made), Vec::<String>::new());
        let decoded = decodes(&made);
        prop_assert!(decoded.is_ok(), "{:?}", decoded);
    }

    /// Feature: production-excellence, Property 20: schema and serde agree on any document near a valid one.
    #[test]
    fn a_changed_document_is_judged_alike(
        made in valid(document(), Secrets::Any),
        changes in proptest::collection::vec((any::<Index>(), Change::any()), 40),
    ) {
        let places = places(&made);
        for (place, change) in changes {
            let mut changed = made.clone();
            change.apply(&mut changed, &places[place.index(places.len())]);
            agree(&changed)?;
        }
    }

    /// Feature: production-excellence, Property 20: schema and serde agree near the sample, where every key stands.
    #[test]
    fn a_changed_sample_is_judged_alike(changes in proptest::collection::vec((any::<Index>(), Change::any()), 40)) {
        let sample = serde_json::to_value(worked::complete()).unwrap();
        let places = places(&sample);
        for (place, change) in changes {
            let mut changed = sample.clone();
            change.apply(&mut changed, &places[place.index(places.len())]);
            agree(&changed)?;
        }
    }
}

fn agree(document: &Value) -> Result<(), TestCaseError> {
    let (schema, serde) = (faults(document), decodes(document));
    prop_assert_eq!(schema.is_empty(), serde.is_ok(), "schema: {:?}\nserde: {:?}\n{:#}", schema, serde.err(), document);
    Ok(())
}

/// A file with every table, in which every key that has a default is left out.
fn sparse() -> Value {
    json!({
        "version": 1,
        "limits": { "adaptive": {}, "rates": { NAME.to_lowercase(): { "rate": 5 } } },
        "pools": { NAME.to_lowercase(): {} },
        "breakers": { NAME.to_lowercase(): {} },
        "retries": { NAME.to_lowercase(): {} },
        "probes": { "checks": { NAME.to_lowercase(): { "kind": "pool", "pool": "name" } } },
    })
}

/// Feature: production-excellence, Property 20: the schema's defaults are those of the code.
#[test]
fn what_the_schema_calls_a_default_is_what_is_left_out() {
    let effective = serde_json::to_value(decodes(&sparse()).unwrap()).unwrap();
    let mut compared = 0;
    for entry in entries() {
        let found = entry.key().segments().iter().try_fold(&effective, |value, segment| match segment {
            Segment::Key(key) if key == NAME => value.get(NAME.to_lowercase()),
            Segment::Key(key) => value.get(key),
            Segment::Index(at) => value.get(at),
        });
        if let Some(default) = entry.default() {
            assert_eq!(found, Some(default), "{}", entry.key());
            compared += 1;
        } else if Form::of(entry.schema()) == Form::Inline && found.is_some() {
            let said = ["version", "kind", "pool", "rate", NAME].map(|key| Segment::Key(key.to_owned()));
            let is_empty = found == Some(&json!({}));
            assert!(is_empty || said.iter().any(|key| entry.key().segments().last() == Some(key)), "{}", entry.key());
        }
    }
    assert!(compared > 40, "only {compared} defaults");
}

/// "Time, 10ms to 1h." in a doc is written by hand, "a time from 10ms to 1h" comes from the type.
#[test]
fn the_doc_of_a_key_says_the_bounds_of_its_type() {
    let mut compared = 0;
    for entry in entries() {
        let kinds = [
            ("Count, ", " number "),
            ("Port, ", " number "),
            ("Ratio, ", " number "),
            ("Time, ", " time "),
            ("Size, ", " size "),
        ];
        for (unit, word) in kinds {
            let Some((_, said)) = entry.meaning().split_once(unit).filter(|(_, said)| !said.starts_with("always"))
            else {
                continue;
            };
            let expected = expected(entry.schema());
            let (_, known) = expected.split_once(" from ").unwrap_or_else(|| panic!("{}: {expected}", entry.key()));
            assert!(expected.contains(word), "{}: {expected}", entry.key());
            assert_eq!(bounds(said), bounds(known), "{}: {said:?} but {known:?}", entry.key());
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} docs");
}

/// Both ends of "10ms to 1h, …", in the smallest unit.
fn bounds(text: &str) -> Vec<String> {
    let mut words = text.split([' ', ',', ';']).map(|word| word.trim_end_matches('.'));
    let ends = [words.next().unwrap_or_default(), words.nth(1).unwrap_or_default()];
    let plain = |end: &str| match (end.parse::<Period<0, { days(40) }>>(), end.parse::<Size<0, { gib(1 << 20) }>>()) {
        (Ok(period), _) => format!("{}ms", period.as_millis()),
        (_, Ok(size)) => format!("{}B", size.bytes()),
        _ => end.to_owned(),
    };
    ends.map(plain).to_vec()
}

#[test]
fn the_schema_stays_in_what_both_editors_read() {
    const NOT_READ: [&str; 6] =
        ["prefixItems", "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas", "if"];
    let mut stack = vec![document()];
    while let Some(value) = stack.pop() {
        if let Value::Object(keys) = value {
            for keyword in NOT_READ {
                assert!(!keys.contains_key(keyword), "{keyword}");
            }
            if keys.contains_key("$ref") {
                let beside: Vec<_> = keys
                    .keys()
                    .filter(|key| !["$ref", "title", "description", "default"].contains(&key.as_str()))
                    .collect();
                assert!(beside.is_empty(), "beside $ref: {beside:?}");
            }
            assert_ne!(keys.get("type"), Some(&json!("null")));
        }
        match value {
            Value::Object(keys) => stack.extend(keys.values()),
            Value::Array(items) => stack.extend(items),
            _ => {}
        }
    }
}
