//! What was valid for a released version stays valid.
//!
//! `schema/released/<version>/` holds the schema and the samples as they were. They are copies
//! made at the release and never changed: a test that fails here is a break for somebody's file.

use super::check;
use crate::{
    diagnostic::{Code, Report, Stage},
    schema::tests::documents::{valid, Secrets},
    source::{Sources, Texts},
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn versions() -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/released"));
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// The schema with every reference replaced by what it refers to, so that nothing is looked up in the present one.
fn inlined(value: &Value, root: &Value) -> Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| root.pointer(&reference[1..]));
    match (target, value) {
        (Some(target), _) => inlined(target, root),
        (None, Value::Object(object)) => object
            .iter()
            .filter(|(key, _)| *key != "$defs")
            .map(|(key, value)| (key.clone(), inlined(value, root)))
            .collect(),
        (None, Value::Array(items)) => items.iter().map(|item| inlined(item, root)).collect(),
        (None, other) => other.clone(),
    }
}

fn schema(version: &Path) -> &'static Value {
    let text = fs::read_to_string(version.join("ops.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    Box::leak(Box::new(inlined(&schema, &schema)))
}

/// What the present version has against single values of a file, but for keys that it retired.
fn complaints(text: String) -> Vec<String> {
    let judged = Texts::from_bytes("ops.toml", text.into_bytes())
        .and_then(|texts| check(&Sources::from_file("ops.toml"), &texts).map(|_| ()));
    let faults = judged.err().map(|report| report.violations).unwrap_or_default();
    let faults = faults.iter().filter(|fault| fault.code.stage() < Stage::Rule && fault.code != Code::RetiredKey);
    faults.map(ToString::to_string).collect()
}

/// Feature: production-excellence, Property 20: what a released schema accepts is accepted, or its key was retired.
#[test]
fn a_document_made_from_a_released_schema_is_still_accepted() {
    let versions = versions();
    assert!(!versions.is_empty());
    for version in versions {
        let documents = valid(schema(&version), Secrets::Any);
        let mut runner = TestRunner::deterministic();
        for _ in 0..128 {
            let document = documents.new_tree(&mut runner).unwrap().current();
            let text = toml::to_string(&document).unwrap();
            assert_eq!(complaints(text), Vec::<String>::new(), "{}: {document:#}", version.display());
        }
    }
}

#[test]
fn every_released_sample_is_still_valid() {
    let mut samples = 0;
    for version in versions() {
        let files = fs::read_dir(&version).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
            let sources = Sources::from_file(&file);
            let judged: Result<_, Report> = sources.read().and_then(|texts| check(&sources, &texts));
            assert!(judged.is_ok(), "{}", judged.unwrap_err());
            samples += 1;
        }
    }
    assert!(samples > 2, "only {samples} samples");
}

#[test]
fn a_key_that_left_without_a_word_is_noticed() {
    let of = |text: &str| complaints(format!("version = 1\n{text}\n"));
    assert_eq!(of("limits.bound = 5").len(), 1);
    assert_eq!(of("limits.max_in_flight = 0").len(), 1);
    assert_eq!(of("chaos.network.drop_packets = 0.5"), Vec::<String>::new(), "it was retired");
}
