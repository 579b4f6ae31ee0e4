//! `ops diff` of two files.

use crate::run::Folder;
use insta::assert_snapshot;

const OLD: &str = r#"version = 1
[admin]
token = "one-secret"
[limits]
max_in_flight = 8
request_timeout = "10s"
[pools.main]
url = "sqlite::memory:"
[breakers.old]
routes = ["/old/**"]
"#;

const NEW: &str = r#"version = 1 # said otherwise, the same
[limits]
request_timeout = "20s"
max_in_flight = 8
mode = "enforce"
[admin]
token = "another-secret"
[pools.main]
url = "sqlite::memory:"
max_connections = 5
[probes.checks.main]
kind = "pool"
pool = "main"
"#;

fn folder() -> Folder {
    let folder = Folder::with(NEW);
    folder.write("old.toml", OLD);
    folder
}

#[test]
fn each_key_that_differs_is_told_with_what_that_does() {
    let text = folder().ops(&["diff", "old.toml", "ops.toml"]).good();
    assert!(
        !text.contains("secret\"") && !text.contains("limits.mode"),
        "neither secrets nor what is the same: {text}"
    );
    assert_snapshot!(text);
}

#[test]
fn json_tells_the_same() {
    let value = folder().ops(&["diff", "old.toml", "ops.toml", "--format", "json"]).json();
    let keys: Vec<_> = value["differences"].as_array().expect("a list").iter().map(|one| one["key"].clone()).collect();
    let said =
        ["limits.request_timeout", "pools.main.max_connections", "probes.checks.main", "breakers.old", "admin.token"];
    assert!(said.iter().all(|key| keys.contains(&(*key).into())) && keys.len() == said.len(), "{keys:?}");
    let timeout =
        &value["differences"].as_array().expect("a list")[keys.iter().position(|key| key == said[0]).expect("it")];
    assert_eq!((&timeout["from"], &timeout["to"]), (&"10s".into(), &"20s".into()));
    assert!(timeout["effect"].as_str().is_some_and(|effect| effect.contains("next request")), "{timeout}");
    assert!(!value.to_string().contains("-secret"));
}

#[test]
fn one_side_may_come_through_a_pipe() {
    let folder = folder();
    let files = folder.ops(&["diff", "old.toml", "ops.toml"]).good();
    assert_eq!(folder.ops_with(&["diff", "-", "ops.toml"], &[], OLD).good(), files);
    assert_eq!(folder.ops_with(&["diff", "old.toml", "-"], &[], NEW).good(), files);
    let both = folder.ops(&["diff", "-", "-"]);
    assert_eq!(
        (both.code, both.err.as_str()),
        (Some(2), "error: standard input can be only one of the two\n\nFor more information, try '--help'.\n")
    );
}

#[test]
fn the_profile_goes_with_what_comes_through_the_pipe() {
    let folder = folder();
    folder.write("ops.staging.toml", "[limits]\nrequest_timeout = \"1s\"\n");
    let staging = [("OPS_PROFILE", "staging")];
    let text = folder.ops_with(&["diff", "-", "ops.toml"], &staging, OLD).good();
    assert!(!text.contains("request_timeout") && text.contains("max_connections"), "the profile sets both: {text}");
}

#[test]
fn no_difference_is_said_and_exit_code_tells_of_one() {
    let folder = folder();
    assert_eq!(folder.ops(&["diff", "ops.toml", "ops.toml"]).good(), "no difference\n");
    assert_eq!(folder.ops(&["diff", "ops.toml", "ops.toml", "--exit-code"]).code, Some(0));
    assert_eq!(folder.ops(&["diff", "old.toml", "ops.toml"]).code, Some(0));
    assert_eq!(folder.ops(&["diff", "old.toml", "ops.toml", "--exit-code"]).code, Some(1));
}

#[test]
fn a_side_that_is_wrong_is_reported_and_both_are() {
    let folder = folder();
    folder.write("old.toml", "version = 1\nlimit = 1\n");
    folder.write("ops.toml", "version = 1\n[limits]\nmode = \"of\"\n");
    assert_snapshot!(folder.ops(&["diff", "old.toml", "ops.toml"]));
}

#[test]
fn the_sides_that_are_missing_are_asked_for() {
    let folder = folder();
    for arguments in [["diff"].as_slice(), &["diff", "ops.toml"], &["diff", "a", "b", "--running", "127.0.0.1:1"]] {
        assert_eq!(folder.ops(arguments).code, Some(2), "{arguments:?}");
    }
    assert_eq!(folder.ops(&["diff", "a", "b", "--token-file", "x"]).code, Some(2));
}
