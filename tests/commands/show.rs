//! `ops show`.

use crate::run::Folder;
use insta::assert_snapshot;

const FILE: &str = r#"version = 1

[observability]
service_name = "shop"
otlp_endpoint = "http://127.0.0.1:4317"
otlp_headers = { authorization = { env = "OTLP_TOKEN" } }

[[observability.sampling_rules]]
route = "/checkout/*"
sampling_rate = 1.0

[admin]
token = "hunter2-hunter2"

[limits]
max_in_flight = 8
request_timeout = "10s"

[pools.main]
url = "sqlite:/srv/shop.db"
"#;

const PROFILE: &str = "[limits]\nmax_in_flight = 16\n";

const VARIABLES: [(&str, &str); 4] = [
    ("OPS_PROFILE", "staging"),
    ("OPS_LIMITS__MODE", "observe"),
    ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
    ("OTLP_TOKEN", "hunter2-of-the-collector"),
];

fn folder() -> Folder {
    let folder = Folder::with(FILE);
    folder.write("ops.staging.toml", PROFILE);
    folder
}

#[test]
fn origins_tell_who_set_each_value_whatever_kind_of_source_it_was() {
    let ran = folder().ops_with(&["show", "--origins", "--set", "chaos.seed=7"], &VARIABLES, "");
    let text = ran.good();
    for (key, origin) in [
        ("service_name", "# ops.toml:4:16"),
        ("max_in_flight", "# ops.staging.toml:2:17"),
        ("mode", "# OPS_LIMITS__MODE"),
        ("seed", "# --set chaos.seed"),
        ("sampling_rate", "# OTEL_TRACES_SAMPLER_ARG"),
        ("metrics_port", "# default"),
        ("token", "# ops.toml:13:9"),
    ] {
        let line = text.lines().find(|line| line.starts_with(&format!("{key} = ")));
        assert!(line.is_some_and(|line| line.ends_with(origin)), "{key} {origin}: {line:?}");
    }
    // The sections behind it are all defaults, and each new key would be news here.
    assert_snapshot!(text.split("[shutdown]").next().unwrap_or_default());
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let folder = folder();
    for arguments in [["show", "--config", "ops.toml"].as_slice(), &["show", "--origins"]] {
        let shown = folder.ops_with(arguments, &VARIABLES, "").good();
        assert!(!shown.contains("hunter2"), "no secret: {shown}");
        let masks = shown.matches("\"********\"").count();
        assert_eq!(masks, 1, "the token: {shown}");
        // With the secrets back in their places it is the same configuration.
        let again = shown.replace("\"********\"", "\"hunter2-hunter2\"");
        folder.write("again.toml", &again);
        let secret = [("OTLP_TOKEN", "hunter2-of-the-collector")];
        let differs = folder.ops_with(&["show", "--config", "again.toml", "--format", "json"], &secret, "");
        let same = folder.ops_with(&["show", "--format", "json"], &VARIABLES, "");
        assert_eq!(differs.json()["value"], same.json()["value"]);
        assert_eq!(differs.json()["sha256"], same.json()["sha256"]);
    }
}

#[test]
fn a_mask_is_refused_where_a_configuration_is_read() {
    let folder = folder();
    let shown = folder.ops_with(&["show"], &VARIABLES, "").good();
    let ran = folder.ops_with(&["check", "-"], &[("OTLP_TOKEN", "x")], &shown);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.out.contains("admin.token") && ran.out.contains("--> <stdin>:"), "{ran}");
}

#[test]
fn json_has_the_origins_beside_and_the_defaults_on_request() {
    let folder = folder();
    let value = folder.ops_with(&["show", "--format", "json"], &VARIABLES, "").json();
    assert_eq!(value["value"]["limits"]["max_in_flight"], 16);
    assert_eq!(value["origins"]["limits.max_in_flight"], "ops.staging.toml:2:17");
    assert_eq!(value["origins"]["observability.sampling_rules[0].route"], "ops.toml:9:9");
    assert!(value["origins"]["chaos.seed"].is_null() && value["sha256"].as_str().is_some_and(|hex| hex.len() == 64));
    let value = folder.ops_with(&["show", "--origins", "--format", "json"], &VARIABLES, "").json();
    assert_eq!(value["origins"]["chaos.seed"], "default");
    assert!(!value.to_string().contains("hunter2"));
}

#[test]
fn a_configuration_that_is_wrong_is_reported_and_not_shown() {
    let folder = Folder::with("version = 1\n[limits]\nmax_in_flight = 0\n");
    assert_snapshot!(folder.ops(&["show"]));
    assert_snapshot!(Folder::new().ops(&["show"]));
}

#[test]
fn a_name_of_a_file_that_would_end_the_remark_does_not() {
    let folder = Folder::new();
    let name = "a\nb = 1\u{7}.toml";
    folder.write(name, "version = 1\n");
    let shown = folder.ops(&["show", "--origins", "--config", name]).good();
    assert!(shown.starts_with("version = 1  # a\u{fffd}b = 1\u{fffd}.toml:1:11\n"), "{shown}");
}
