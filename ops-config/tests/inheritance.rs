//! `[breakers.default]`: what each breaker takes for the keys it leaves out.

use ops_config::{
    check::{check, Checked},
    diagnostic::{KeyPath, Report},
    source::{Sources, Texts},
};
use proptest::{prelude::*, sample::subsequence};
use std::collections::BTreeMap;

fn checked(text: &str, variables: &[(&str, &str)]) -> Result<Checked, Report> {
    let mut sources = Sources::from_file("ops.toml");
    sources.variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    check(&sources, &Texts::from_bytes("ops.toml", text.as_bytes().to_vec())?)
}

fn value(checked: &Checked, key: &str) -> String {
    checked.value().pointer(&format!("/breakers/{key}")).map(ToString::to_string).unwrap_or_default()
}

fn origin(checked: &Checked, key: &[&str]) -> String {
    checked.origin(&key.iter().copied().collect::<KeyPath>()).to_string()
}

const TEXT: &str = r#"version = 1
[breakers.payments]
failure_threshold = 7
failure_rate = { threshold = 0.9 }
[breakers.default]
failure_threshold = 3
reset_timeout = "5s"
failure_rate = { threshold = 0.5, window = "10s", min_calls = 20 }
[breakers.search]
"#;

#[test]
fn a_breaker_takes_what_it_leaves_out_of_tables_key_by_key() {
    let checked = checked(TEXT, &[]).expect("a configuration");
    assert_eq!(value(&checked, "payments/failure_threshold"), "7");
    assert_eq!(value(&checked, "payments/reset_timeout"), "\"5s\"");
    assert_eq!(value(&checked, "payments/failure_rate"), r#"{"threshold":0.9,"window":"10s","min_calls":20}"#);
    assert_eq!(value(&checked, "search/failure_threshold"), "3");
    assert_eq!(value(&checked, "search/half_open_max_calls"), "1", "nobody says it");
}

#[test]
fn what_was_taken_has_the_place_where_it_is_written() {
    let checked = checked(TEXT, &[]).expect("a configuration");
    assert_eq!(origin(&checked, &["breakers", "payments", "failure_threshold"]), "ops.toml:3:21");
    assert_eq!(origin(&checked, &["breakers", "payments", "failure_rate", "threshold"]), "ops.toml:4:30");
    assert_eq!(origin(&checked, &["breakers", "payments", "failure_rate", "window"]), "ops.toml:8:44");
    assert_eq!(origin(&checked, &["breakers", "search", "reset_timeout"]), "ops.toml:7:17");
}

#[test]
fn a_variable_speaks_for_the_default_and_for_one_breaker_alike() {
    let variables = [("OPS_BREAKERS__DEFAULT__RESET_TIMEOUT", "9s"), ("OPS_BREAKERS__SEARCH__FAILURE_THRESHOLD", "4")];
    let checked = checked(TEXT, &variables).expect("a configuration");
    assert_eq!(value(&checked, "payments/reset_timeout"), "\"9s\"");
    assert_eq!(origin(&checked, &["breakers", "payments", "reset_timeout"]), variables[0].0);
    assert_eq!(value(&checked, "search/failure_threshold"), "4");
}

/// However many take a bad value, it is wrong once, where it stands.
#[test]
fn a_fault_of_the_default_is_reported_once_and_there() {
    for (fault, key) in [
        ("failure_threshold = 0", "breakers.default.failure_threshold"),
        ("failure_treshold = 3", "breakers.default.failure_treshold"),
        ("reset_timeout = nan", "breakers.default.reset_timeout"),
        ("slow_calls = { slower_than = \"1s\" }", "breakers.default.slow_calls.threshold"),
        (
            "failure_rate = { threshold = 0.0, window = \"1s\", min_calls = 1 }",
            "breakers.default.failure_rate.threshold",
        ),
    ] {
        let text = format!("version = 1\n[breakers.default]\n{fault}\n[breakers.a]\n[breakers.b]\nmode = \"off\"\n");
        let report = checked(&text, &[]).expect_err(fault);
        let keys: Vec<_> = report.violations.iter().map(|violation| violation.key.to_string()).collect();
        assert!(
            !keys.is_empty() && keys.iter().all(|found| found.starts_with("breakers.default")),
            "{fault}: {keys:?}"
        );
        assert!(keys.iter().any(|found| found == key), "{fault}: {keys:?}");
    }
}

#[test]
fn a_fault_of_a_breakers_own_is_reported_there() {
    let text = "version = 1\n[breakers.default]\nfailure_threshold = 3\n[breakers.a]\nfailure_threshold = 0\n";
    let report = checked(text, &[]).expect_err("a fault");
    let keys: Vec<_> = report.violations.iter().map(|violation| violation.key.to_string()).collect();
    assert_eq!(keys, ["breakers.a.failure_threshold"]);
}

const KEYS: [(&str, [&str; 2]); 4] = [
    ("failure_threshold", ["3", "9"]),
    ("reset_timeout", ["\"1s\"", "\"2s\""]),
    ("half_open_max_calls", ["2", "4"]),
    ("mode", ["\"off\"", "\"observe\""]),
];

proptest! {
    /// What holds is what the breaker says, else what the default says, else what is built in.
    #[test]
    fn the_nearest_word_holds(
        own in subsequence(vec![0, 1, 2, 3], 0..=4),
        default in subsequence(vec![0, 1, 2, 3], 0..=4),
        default_first in any::<bool>(),
    ) {
        let table = |name: &str, keys: &[usize], which: usize| {
            let lines = keys.iter().map(|at| format!("{} = {}\n", KEYS[*at].0, KEYS[*at].1[which]));
            format!("[breakers.{name}]\n{}", lines.collect::<String>())
        };
        let (own_table, default_table) = (table("own", &own, 0), table("default", &default, 1));
        let tables = if default_first { default_table + &own_table } else { own_table + &default_table };
        let checked_both = checked(&format!("version = 1\n{tables}"), &[]).expect("a configuration");
        let built_in = checked("version = 1\n[breakers.own]\n", &[]).expect("a configuration");
        let said: BTreeMap<usize, usize> =
            default.iter().map(|at| (*at, 1)).chain(own.iter().map(|at| (*at, 0))).collect();
        for (at, (key, values)) in KEYS.iter().enumerate() {
            let path = format!("own/{key}");
            let expected = said.get(&at).map_or_else(|| value(&built_in, &path), |which| values[*which].to_owned());
            prop_assert_eq!(value(&checked_both, &path), expected, "{}", key);
        }
    }
}
