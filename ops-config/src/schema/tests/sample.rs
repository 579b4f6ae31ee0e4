use super::super::{annotated::annotated, entries, sample, validator, Entry};
use crate::{
    diagnostic::{KeyPath, Segment},
    section::OpsConfig,
};
use serde_json::Value;

fn value(config: &OpsConfig) -> Value {
    serde_json::to_value(config).unwrap()
}

/// The sample with every left-out key taken in: `# key = value`, `# [table]`.
fn with_all_keys(text: &str) -> String {
    let is_key = |rest: &str| {
        let name = rest.split(" = ").next().unwrap_or_default();
        rest.starts_with('[') || rest.contains(" = ") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let line = |line: &str| line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line).to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_says_what_the_code_says() {
    assert_eq!(toml::from_str::<OpsConfig>(&annotated()).unwrap(), sample::active());
}

#[test]
fn the_sample_with_every_comment_taken_in_is_the_complete_configuration() {
    assert_eq!(toml::from_str::<OpsConfig>(&with_all_keys(&annotated())).unwrap(), sample::complete());
}

#[test]
fn the_sample_and_its_examples_are_valid() {
    for config in [sample::active(), sample::complete()] {
        let faults: Vec<String> = validator().iter_errors(&value(&config)).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn every_key_has_an_example() {
    let complete = value(&sample::complete());
    for entry in entries() {
        assert!(has_example(&complete, entry.key().segments()), "{} has no example in schema/sample.rs", entry.key());
    }
}

fn has_example(value: &Value, segments: &[Segment]) -> bool {
    match (segments, value) {
        ([], _) => true,
        ([Segment::Index(index), rest @ ..], list) => list.get(index).is_some_and(|item| has_example(item, rest)),
        ([Segment::Key(name), rest @ ..], Value::Object(table)) if name == super::super::NAME => {
            table.values().any(|value| has_example(value, rest))
        }
        ([Segment::Key(name), rest @ ..], value) => value.get(name).is_some_and(|value| has_example(value, rest)),
    }
}

#[test]
fn the_sample_has_no_line_that_is_too_long() {
    for line in annotated().lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn every_key_says_what_it_means_and_what_a_reload_does() {
    for entry in entries() {
        let key: &KeyPath = entry.key();
        let in_list = matches!(key.segments().last(), Some(Segment::Index(_)));
        let chosen = key.segments().last() == Some(&Segment::Key("kind".to_owned()));
        let named = key.segments().last() == Some(&Segment::Key(super::super::NAME.to_owned()));
        if in_list || chosen || named {
            continue;
        }
        assert!(entry.meaning().ends_with(['.', ')']), "{key}: {:?}", entry.meaning());
        let has_keys = entries().iter().any(|other| other.key().parent().as_ref() == Some(key));
        let above = key.parent().and_then(|table| Entry::of(&table)).and_then(|table| table.reload());
        assert!(has_keys || entry.reload().is_some() || above.is_some(), "{key} does not say what a reload does");
    }
}
