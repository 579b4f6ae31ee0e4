//! At the edges of every key's range, one by one: random documents come near them too seldom. The
//! sample they are put into has every key, which a test beside this one holds.

use super::super::{at_in, expected, resolve, sample, validator, value_type, ValueType};
use crate::{
    diagnostic::KeyPath,
    section::OpsConfig,
    value::{days, gib, Period, Size},
};
use serde::Deserialize;
use serde_json::{json, Value};

/// A value to be put in the place of another, and whether it is in range; none where only schema
/// and serde must agree.
type Edge = (Value, Option<bool>);

/// Feature: production-excellence, Property 20: at each edge of each key schema and serde agree, and the
/// edge is where both say that it is.
#[test]
fn at_every_edge_of_every_key_schema_and_serde_agree() {
    let sample = serde_json::to_value(sample::complete()).unwrap();
    let (mut places, mut judged, mut bounds) = (Vec::new(), 0, 0);
    walk(&sample, &KeyPath::root(), "", &mut places);
    for (key, pointer) in &places {
        let schema = resolve(at_in(key, &sample).unwrap_or_else(|| panic!("{key} has no schema")));
        let found = sample.pointer(pointer).unwrap();
        for (value, fits) in edges(schema, found).into_iter().chain(wrong_types(schema)) {
            let mut changed = sample.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            let verdict = verdict(&changed);
            assert!(fits.is_none_or(|fits| fits == verdict), "{key} = {value}: in range is {fits:?}");
            judged += 1;
            bounds += usize::from(fits.is_some());
        }
    }
    assert!(judged > 1000 && bounds > 300, "only {judged} edges, {bounds} of them bounds");
}

/// What schema and serde say, which is one thing.
fn verdict(document: &Value) -> bool {
    let faults: Vec<_> = validator().iter_errors(document).map(|fault| fault.to_string()).collect();
    let serde = OpsConfig::deserialize(document);
    assert_eq!(faults.is_empty(), serde.is_ok(), "schema: {faults:?}\nserde: {:?}\n{document:#}", serde.err());
    faults.is_empty()
}

fn walk(value: &Value, key: &KeyPath, pointer: &str, places: &mut Vec<(KeyPath, String)>) {
    let mut visit = |key: KeyPath, step: &str, value: &Value| {
        let pointer = format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"));
        places.push((key.clone(), pointer.clone()));
        walk(value, &key, &pointer, places);
    };
    match value {
        Value::Object(table) => table.iter().for_each(|(name, value)| visit(key.key(name), name, value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| visit(key.index(at), &at.to_string(), item));
        }
        _ => {}
    }
}

fn edges(schema: &'static Value, found: &Value) -> Vec<Edge> {
    let words: Option<Vec<&str>> = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .and_then(|branches| branches.iter().map(|branch| branch.get("const")?.as_str()).collect());
    if let Some(words) = words {
        let near = |word: &str| [json!(format!("{word} ")), json!(word.to_uppercase()), json!(word[1..])];
        let wrong = words.iter().flat_map(|word| near(word)).map(|value| (value, Some(false)));
        return words.iter().map(|word| (json!(word), Some(true))).chain(wrong).collect();
    }
    let branches = schema.get("oneOf").and_then(Value::as_array);
    if let Some(branches) = branches.filter(|branches| branches[0]["type"] == "integer") {
        // What is no value of the one may be one of the other.
        return branches.iter().flat_map(|branch| edges(branch, found)).map(|(value, _)| (value, None)).collect();
    }
    match value_type(schema) {
        Some(ValueType::Integer) => whole(schema),
        Some(ValueType::Number) => number(schema),
        Some(ValueType::Array) => list(schema, found),
        Some(ValueType::Object) => table(schema, found),
        Some(ValueType::String) => quantity(&expected(schema)),
        _ => Vec::new(),
    }
}

fn whole(schema: &Value) -> Vec<Edge> {
    let bound = |keyword: &str| schema[keyword].as_i64().unwrap();
    let (min, max) = (bound("minimum"), bound("maximum"));
    let mut edges = vec![(json!(min), Some(true)), (json!(max), Some(true))];
    edges.extend([min - 1, max + 1, i64::MIN, i64::MAX].map(|number| (json!(number), Some(false))));
    edges
        .extend([json!(format!("{min}")), json!(0.5), json!(u64::MAX), json!(1e300)].map(|wrong| (wrong, Some(false))));
    edges
}

fn number(schema: &Value) -> Vec<Edge> {
    let judged = |numbers: &[f64], fits| numbers.iter().map(|number| (json!(number), Some(fits))).collect::<Vec<_>>();
    if schema.get("exclusiveMinimum").is_some() {
        return [judged(&[f64::MIN_POSITIVE, 1e300], true), judged(&[0.0, -0.0, -1e-300], false)].concat();
    }
    let (min, max) = (schema["minimum"].as_f64().unwrap(), schema["maximum"].as_f64().unwrap());
    [judged(&[min, max, min.next_up(), max.next_down()], true), judged(&[min.next_down(), max.next_up()], false)]
        .concat()
}

fn list(schema: &Value, found: &Value) -> Vec<Edge> {
    let bound = |keyword: &str| usize::try_from(schema[keyword].as_u64().unwrap()).unwrap();
    let (min, max) = (bound("minItems"), bound("maxItems"));
    let item = found.get(0).expect("the sample has an item in each list");
    let of = |length: usize| json!(vec![item; length]);
    let mut edges = vec![(of(min), Some(true)), (of(max), Some(true)), (of(max + 1), Some(false))];
    edges.extend(min.checked_sub(1).map(|fewer| (of(fewer), Some(false))));
    edges
}

/// A key more, and each key that is required less.
fn table(schema: &'static Value, found: &Value) -> Vec<Edge> {
    let mut edges = Vec::new();
    for name in ["colour", "Colour", "kind", ""] {
        let mut more = found.clone();
        // A key that is there already is no key more; names are free where there is a pattern.
        if more.as_object_mut().is_some_and(|table| table.insert(name.to_owned(), json!({})).is_none()) {
            let free = schema.get("patternProperties").is_some();
            edges.push((more, Some(false).filter(|_| !free)));
        }
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let mut less = found.clone();
        if less.as_object_mut().is_some_and(|table| table.shift_remove(name.as_str().unwrap()).is_some()) {
            edges.push((less, Some(false)));
        }
    }
    edges
}

/// Both ends of "a time from 10ms to 1h", and what is just beyond them.
fn quantity(expected: &str) -> Vec<Edge> {
    let ends = |rest: &str| {
        let (min, rest) = rest.split_once(" to ")?;
        Some([min.to_owned(), rest.split(',').next()?.to_owned()])
    };
    let millis = |end: &String| end.parse::<Period<0, { days(40) }>>().map(Period::as_millis).expect("a time");
    let bytes = |end: &String| end.parse::<Size<0, { gib(1 << 20) }>>().map(Size::bytes).expect("a size");
    let time = expected.strip_prefix("a time from ").and_then(ends).map(|ends| (ends.each_ref().map(millis), "ms"));
    let size = expected.strip_prefix("a size from ").and_then(ends).map(|ends| (ends.each_ref().map(bytes), "B"));
    let Some(([min, max], unit)) = time.or(size) else { return text(expected) };
    let written = |number: u64| json!(format!("{number}{unit}"));
    let mut edges = vec![(written(min), Some(true)), (written(max), Some(true)), (written(max + 1), Some(false))];
    edges.extend(min.checked_sub(1).map(|less| (written(less), Some(false))));
    edges.extend(
        [min.to_string(), format!(" {min}{unit}"), format!("0{max}{unit}")].map(|text| (json!(text), Some(false))),
    );
    edges
}

fn text(expected: &str) -> Vec<Edge> {
    if expected.starts_with("a name") {
        let long = |length: usize| json!("a".repeat(length));
        return vec![(long(1), Some(true)), (long(63), Some(true)), (long(64), Some(false)), (long(0), Some(false))];
    }
    let near =
        ["", " ", "a", "/", "/**", "a:1", "127.0.0.1", "[::1]:0", "http://a", "5xx", "info", "sqlite:a", "********"];
    near.iter().map(|text| (json!(text), None)).collect()
}

/// A value of every other type. Serde takes a list for a table; TOML files never get so far.
fn wrong_types(schema: &'static Value) -> Vec<Edge> {
    let is_table = matches!(value_type(schema), Some(ValueType::Object)) || schema.get("oneOf").is_some();
    let values = [json!(true), json!(7), json!(-1), json!(0.25), json!("§"), json!({}), json!({ "env": "A" })];
    let lists = [json!([]), json!([[]]), json!([true]), json!(["§"])];
    let lists = lists.into_iter().filter(|_| !is_table);
    values.into_iter().chain(lists).map(|value| (value, None)).collect()
}
