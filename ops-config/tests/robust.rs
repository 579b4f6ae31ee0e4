//! Whatever a file holds, the check ends with a configuration or with reasons that can be shown.

#[path = "oracle/report.rs"]
mod report;

use ops_config::{
    check::check,
    diagnostic::{Code, Report},
    source::{Sources, Texts},
};
use proptest::prelude::*;
use report::is_sound;

const SAMPLE: &str = include_str!("../../config/ops.toml");

fn judge(bytes: Vec<u8>) -> Result<(), Report> {
    let texts = Texts::from_bytes("ops.toml", bytes)?;
    check(&Sources::from_file("ops.toml"), &texts).map(|_| ())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edit_of_the_sample_is_judged(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "\\PC{0,6}|[\\[\\]{}=\"'#.,\n\r\t 0-9a-z]{0,6}"), 1..5),
    ) {
        let mut text: Vec<char> = SAMPLE.chars().collect();
        for (at, length, new) in edits {
            let at = at.index(text.len());
            let end = (at + length.index(12)).min(text.len());
            text.splice(at..end, new.chars());
        }
        if let Err(report) = judge(text.into_iter().collect::<String>().into_bytes()) {
            is_sound(&report);
        }
    }

    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(report) = judge(bytes) {
            is_sound(&report);
        }
    }

    #[test]
    fn any_value_at_any_key_is_judged(
        key in prop::sample::select(KEYS),
        value in prop::sample::select(VALUES),
        name in "OPS_[A-Z_]{0,20}",
        word in "\\PC{0,12}",
    ) {
        let texts = Texts::from_bytes("ops.toml", format!("version = 1\n{key} = {value}\n").into_bytes()).expect("a text");
        let sources = Sources { variables: vec![(name, word.clone())], set: vec![(key.to_owned(), word)], ..Sources::from_file("ops.toml") };
        for sources in [sources, Sources::from_file("ops.toml")] {
            if let Err(report) = check(&sources, &texts) {
                is_sound(&report);
            }
        }
    }
}

const KEYS: &[&str] = &[
    "version",
    "observability",
    "observability.sampling_rate",
    "observability.otlp_headers",
    "observability.latency_buckets",
    "observability.sampling_rules",
    "observability.otlp_headers.x",
    "pools",
    "pools.main",
    "pools.main.url",
    "pools.\"a b\".url",
    "probes.checks.a",
    "probes.checks.a.kind",
    "breakers.b",
    "breakers.b.failure_rate",
    "chaos.environments",
    "chaos.network",
    "admin.token",
    "admin.token.env",
    "limits.mode",
    "limits.max_in_flight",
    "reload.settle",
    "x",
    "x.y.z",
    "\"\"",
];

const VALUES: &[&str] = &[
    "0",
    "-1",
    "1e400",
    "nan",
    "-inf",
    "99999999999999999999999",
    "0x10",
    "1.5",
    "true",
    "\"\"",
    "\"x\"",
    "'''\nx\n'''",
    "[]",
    "[[]]",
    "[1, \"x\", 1979-05-27]",
    "{}",
    "{ kind = \"pool\" }",
    "{ kind = 5 }",
    "{ a = { b = { c = [{}] } } }",
    "1979-05-27",
    "07:32:00",
    "[{ route = \"/a\", sampling_rate = nan }]",
    "{ env = \"X\" }",
    "{ file = \"/dev/null\" }",
    "{ threshold = 0.0, window = \"1s\", min_calls = 1 }",
];

#[test]
fn every_beginning_of_the_sample_is_judged() {
    for cut in (0..SAMPLE.len()).step_by(53).filter(|cut| SAMPLE.is_char_boundary(*cut)) {
        if let Err(report) = judge(SAMPLE.as_bytes()[..cut].to_vec()) {
            is_sound(&report);
        }
    }
}

#[test]
fn a_deep_nest_ends_in_a_report_and_not_in_the_stack() {
    for text in [
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{a=".repeat(100_000),
        "[".to_owned() + &"a.".repeat(100_000) + "a]",
    ] {
        let report = judge(format!("version = 1\n{text}\n").into_bytes()).unwrap_err();
        assert!(matches!(report.violations[0].code, Code::Syntax | Code::UnknownKey | Code::DuplicateKey));
    }
}
