//! What an operator reads when a configuration is wrong, word for word.
//!
//! Each text is a file under `snapshots/`. After a change on purpose:
//! `INSTA_UPDATE=always cargo test -p ops-config --test messages`, and read the difference.

use insta::assert_snapshot;
use ops_config::{
    check::check,
    diagnostic::{Format, Report},
    source::{Sources, Texts},
};

type Pairs = [(&'static str, &'static str)];

fn rejected(text: &str, variables: &Pairs, set: &Pairs) -> Report {
    rejected_bytes(text.as_bytes(), variables, set)
}

fn rejected_bytes(bytes: &[u8], variables: &Pairs, set: &Pairs) -> Report {
    let owned = |pairs: &Pairs| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { variables: owned(variables), set: owned(set), ..Sources::from_file("config/ops.toml") };
    Texts::from_bytes("config/ops.toml", bytes.to_vec()).and_then(|texts| check(&sources, &texts)).expect_err("a fault")
}

fn message(text: &str) -> String {
    rejected(text, &[], &[]).to_string()
}

#[test]
fn a_value_out_of_range() {
    assert_snapshot!(message(
        "version = 1

[breakers.payments]
routes = [\"/pay/**\"]
reset_timeout = \"0s\"
failure_threshold = 0
"
    ));
}

#[test]
fn values_of_a_wrong_type() {
    assert_snapshot!(message(
        "version = 1
limits = 5
[observability]
metrics_port = \"9090\"
sampling_rate = nan
max_traces_per_second = 1_00.5
environment = 1979-05-27T07:32:00Z
otlp_headers = \"authorization=hunter2\"
[observability.logging]
format = true
[chaos]
enabled = \"true\"
routes = \"/**\"
seed = 99999999999999999999
"
    ));
}

#[test]
fn unknown_keys_and_names() {
    assert_snapshot!(message(
        "version = 1
metrics_port = 9090
[observability]
smapling_rate = 0.5
colour = \"red\"
[observability.otlp_headers]
Authorization = \"x\"
[breaker.upstream]
routes = [\"/**\"]
[pools.Main]
url = \"sqlite::memory:\"
"
    ));
}

#[test]
fn words_of_a_closed_set() {
    assert_snapshot!(message(
        "version = 1
[limits]
mode = \"enforced\"
[observability]
otlp_protocol = \"http\"
[probes.checks.db]
kind = \"pol\"
pool = \"main\"
[probes.checks.cache]
address = \"cache:6379\"
[probes.checks.disk]
kind = \"disk\"
path = \"/\"
min_fre = \"1GiB\"
groups = [\"liveness\"]
"
    ));
}

#[test]
fn lists_of_a_wrong_length() {
    assert_snapshot!(message("version = 1\nchaos.routes = []\nobservability.latency_buckets = []\n"));
}

#[test]
fn rules_across_keys() {
    assert_snapshot!(message(
        "version = 1
[observability]
environment = \"production\"
latency_buckets = [0.1, 0.5, 0.5,
  0.2]
[server]
listen = \"0.0.0.0:9091\"
[admin]
listen = \"0.0.0.0:9091\"
[shutdown]
timeout = \"10s\"
drain_delay = \"10s\"
[probes]
interval = \"30s\"
[probes.checks.db]
kind = \"pool\"
pool = \"mian\"
groups = [\"readiness\", \"readiness\"]
[pools.main]
max_connections = 3
[pools.other]
min_connections = 20
max_connections = 10
[breakers.upstream]
failure_rate = { threshold = 0.0, window = \"10s\", min_calls = 20 }
[chaos]
enabled = true
[chaos.network]
latency = \"10ms\"
jitter = \"20ms\"
"
    ));
}

#[test]
fn a_fault_does_not_hide_those_beyond_it() {
    assert_snapshot!(message(
        "[pools.main]
min_connections = 200
max_connections = \"100\"
[pools.other]
min_connections = 200
[shutdown]
drain_delay = \"1h\"
"
    ));
}

#[test]
fn faults_of_the_grammar() {
    assert_snapshot!(message(
        "version = 1
[observability
service_name = dx-www
[observability.logging]
level = info
format = \"json
[server]
listen = \"127.0.0.1:8080\" upstream = \"x\"
[limits]
max_in_flight =
mode
request_timeout = 010
[probes]
"
    ));
}

#[test]
fn an_open_list() {
    assert_snapshot!(message(
        "version = 1\n[chaos]\nenvironments = [\n  \"test\"\n  \"staging\",\n\n[limits]\nmode = \"off\"\n"
    ));
}

#[test]
fn keys_and_tables_defined_twice() {
    assert_snapshot!(message(
        "version = 1\n[limits]\nmode = \"off\"\nmax_in_flight = 5\nmode = \"observe\"\n[server]\n[limits]\n"
    ));
}

#[test]
fn secrets_that_are_not_there_or_of_no_use() {
    let text = "version = 1
[admin]
token = { env = \"ADMIN_TOKEN\" }
[observability.otlp_headers]
authorization = { file = \"/nowhere/token\" }
x-empty = { env = \"EMPTY\" }
x-lines = { env = \"LINES\" }
x-wrong = { environment = \"hunter2\" }
x-number = 12345678
[pools.main]
url = { env = \"DATABASE_URL\" }
[pools.inline]
url = \"mssql://app:hunter2@db/app\" # it was hunter1
[pools.nothing]
url = \"\"
";
    let variables = [("EMPTY", ""), ("LINES", "hunter2\nhunter3"), ("DATABASE_URL", "mssql://app:hunter2@db/app")];
    assert_snapshot!(rejected(text, &variables, &[]).to_string());
}

#[test]
fn addresses_of_databases_that_no_driver_should_see() {
    let text = "version = 1
[pools.encoded]
url = \"postgres://app:hunter/2@db/app\"
[pools.host]
url = \"postgresql:app\"
[pools.near]
url = \"postgres://app:hunter2@db/app?sslmod=require\"
[pools.parameter]
url = \"mysql://db/app?password=hunter2\"
[pools.path]
url = \"mariadb://app:1/hunter2@db/app\"
[pools.port]
url = { env = \"PORT\" }
[pools.unknown]
url = \"mysql://app:1?hunter2@db/app\"
";
    assert_snapshot!(rejected(text, &[("PORT", "mysql://app:hunter2@db:33060/app\n")], &[]).to_string());
}

#[test]
fn lines_with_secrets_in_a_file_that_does_not_parse() {
    assert_snapshot!(message(
        "version = 1
[admin]
token = hunter2
[pools.main]
url = \"postgres://app:hunter2@db/app
min_connections = 5 url = \"hunter2\"
\"url\": \"hunter2\"
[observability]
otlp_headers = { authorization = \"hunter2\" x = 1 }
"
    ));
}

#[test]
fn faults_of_variables() {
    let variables = [
        ("OPS_LIMITS__MAX_INFLIGHT", "5"),
        ("OPS_LIMITS__MODE", "enforcing"),
        ("OPS_LIMITS__mode", "off"),
        ("OPS_CHAOS__SEED", "007"),
        ("OPS_OBSERVABILITY__SAMPLING_RATE", "1e3"),
        ("OPS_OBSERVABILITY__METRICS_PORT", "nine"),
        ("OPS_OBSERVABILITY__OTLP_HEADERS", "authorization=hunter2"),
        ("OPS_LIMIT__MODE", "off"),
        ("OPS_POOLS__MAIN__MIN_CONNECTIONS", "500"),
        ("OPS_ADMIN__TOKEN", "hunter2\n"),
        ("OPS_ADMIN_TOKEN", "hunter2"),
        ("OPS_PROFILE", "staging"),
    ];
    assert_snapshot!(rejected("version = 1\n", &variables, &[]).to_string());
}

#[test]
fn faults_of_the_command_line() {
    let set =
        [("limits.max_in_flight", "many"), ("limits.mod", "off"), ("a b", "1"), ("reload.settle", "\"1h\""), ("", "1")];
    assert_snapshot!(rejected("version = 1\n", &[], &set).to_string());
}

#[test]
fn files_that_are_not_a_whole_configuration() {
    let mut all = Vec::new();
    let large = vec![b'#'; (1 << 20) + 1];
    let cases: [(&str, &[u8]); 7] = [
        ("empty", b""),
        ("blank", b"\xef\xbb\xbf \r\n\n\t\n"),
        ("comments", b"# version = 1\n\n  # [limits]\n"),
        ("latin 1", b"version = 1\n[observability]\nenvironment = \"caf\xe9\"\n"),
        ("UTF-16", b"\xff\xfev\0e\0r\0s\0"),
        ("large", &large),
        ("no version", b"[limits]\nmode = \"off\"\n"),
    ];
    for (name, bytes) in cases {
        let report = rejected_bytes(bytes, &[("OPS_VERSION", "1")], &[("version", "1")]);
        all.push(format!("--- {name}, rejected at {}\n{report}\n", report.stage));
    }
    assert_snapshot!(all.concat());
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ops.toml"), "version = 1\n").unwrap();
    let mut all = String::new();
    for (file, profile) in [
        ("missing.toml", None),
        ("", None),
        ("ops.toml/x", None),
        ("ops.toml", Some("staging")),
        ("ops.toml", Some("../x")),
    ] {
        let profile = profile.map(str::to_owned);
        let sources = Sources { profile, ..Sources::from_file(folder.path().join(file)) };
        let report = sources.read().unwrap_err().to_string();
        all.push_str(&report.replace(folder.path().to_str().unwrap(), "config"));
        all.push_str("\n---\n");
    }
    assert_snapshot!(all);
}

#[test]
fn a_byte_order_mark_and_windows_lines_shift_no_column() {
    assert_snapshot!(message("\u{feff}version = \"1\"\r\n[limits]\r\nmax_in_flight = 0 # é\r\n"));
}

#[test]
fn a_mark_stands_under_its_value_whatever_stands_before_it() {
    let long = format!("version = 1\nchaos.environments = [\"{}\", 5, \"{}\"]\n", "x".repeat(150), "y".repeat(150));
    let tabs = "version = 1\n[limits]\n\tmode\t=\t\"ön\"\n";
    let wide = "version = 1\nadmin = { token = \"hunter2\", listen = 5 }\nchaos.environments = [\"開発\", 5]\n";
    assert_snapshot!([message(&long), message(tabs), message(wide)].join("\n---\n"));
}

#[test]
fn a_profile_and_the_file_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ops.toml");
    std::fs::write(&file, "version = 1\n[pools.main]\nmax_connections = 10\n[limits]\nmode = \"no\"\n").unwrap();
    let profile = "[pools.main]\nmin_connections = 20\n[limits]\nmax_in_flight = 0\n";
    std::fs::write(folder.path().join("ops.staging.toml"), profile).unwrap();
    let sources = Sources { profile: Some("staging".to_owned()), ..Sources::from_file(&file) };
    let report = check(&sources, &sources.read().unwrap()).unwrap_err().to_string();
    assert_snapshot!(report.replace(folder.path().to_str().unwrap(), "config"));
}

#[test]
fn the_forms_for_programs() {
    let text = "version = 1\n[limits]\nmode = \"a,b:c%\"\n";
    let report = rejected(text, &[("OPS_CHAOS__ENABLED", "yes")], &[]);
    let lines: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert_snapshot!([
        report.render(Format::Json),
        report.render(Format::Github),
        report.render(Format::Human { color: true }).replace('\x1b', "ESC"),
        lines.join("\n"),
    ]
    .join("\n---\n"));
}
