use super::{check, Checked};
use crate::{
    diagnostic::{Code, Report},
    source::{Sources, Texts},
    value::MASK,
};
use serde_json::json;

fn run(text: &str, variables: &[(&str, &str)]) -> Result<Checked, Report> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { variables, ..Sources::from_file("ops.toml") };
    check(&sources, &Texts::from_bytes("ops.toml", text.as_bytes().to_vec())?)
}

fn checked(text: &str) -> Checked {
    run(&format!("version = 1\n{text}"), &[]).unwrap_or_else(|report| panic!("{report}"))
}

fn codes(text: &str) -> Vec<Code> {
    let report = run(&format!("version = 1\n{text}"), &[]).err();
    report.into_iter().flat_map(|report| report.violations).map(|violation| violation.code).collect()
}

#[test]
fn each_rule_holds_exactly_at_its_bound() {
    let pool = "[pools.main]\nurl = \"sqlite::memory:\"\n";
    let check = |name: &str| format!("{pool}[probes.checks.db]\nkind = \"pool\"\npool = \"{name}\"\n");
    let breaker = |rate: &str| {
        format!("[breakers.b]\nfailure_rate = {{ threshold = {rate}, window = \"1s\", min_calls = 1 }}\nslow_calls = {{ slower_than = \"1s\", threshold = 0.5, window = \"1s\", min_calls = 1 }}\n")
    };
    for (good, bad, code) in [
        (
            "[pools.m]\nmin_connections = 7\nmax_connections = 7\n".to_owned(),
            "[pools.m]\nmin_connections = 8\nmax_connections = 7\n".to_owned(),
            Code::PoolBounds,
        ),
        (check("main"), check("other"), Code::UnknownName),
        (
            "server.listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n".to_owned(),
            "server.listen = \"[::]:9091\"\n".to_owned(),
            Code::AddressTaken,
        ),
        (
            "observability.metrics_port = 9092\n".to_owned(),
            "observability.metrics_port = 9091\n".to_owned(),
            Code::AddressTaken,
        ),
        (
            "admin.listen = \"[::1]:9091\"\n".to_owned(),
            "admin.listen = \"0.0.0.0:9091\"\n".to_owned(),
            Code::TokenNeeded,
        ),
        (
            "admin = { listen = \"0.0.0.0:9091\", token = \"x\" }\n".to_owned(),
            "admin.listen = \"192.0.2.1:9091\"\n".to_owned(),
            Code::TokenNeeded,
        ),
        (
            "chaos.enabled = true\n".to_owned(),
            "chaos.enabled = true\nobservability.environment = \"production\"\n".to_owned(),
            Code::ChaosRefused,
        ),
        (
            "chaos = { enabled = false, environments = [] }\n".to_owned(),
            "chaos = { enabled = true, environments = [] }\n".to_owned(),
            Code::ChaosRefused,
        ),
        (
            "shutdown = { timeout = \"10s\", drain_delay = \"9999ms\" }\n".to_owned(),
            "shutdown = { timeout = \"10s\", drain_delay = \"10s\" }\n".to_owned(),
            Code::DrainDelay,
        ),
        (
            "shutdown.drain_delay = \"29s\"\n".to_owned(),
            "shutdown = { timeout = \"10s\", drain_delay = \"11s\" }\n".to_owned(),
            Code::DrainDelay,
        ),
        (
            "observability.latency_buckets = [0.1, 0.2]\n".to_owned(),
            "observability.latency_buckets = [0.1, 0.1]\n".to_owned(),
            Code::BucketsNotRising,
        ),
        (
            "probes = { interval = \"5s\", timeout = \"1s\", stale_after = \"6001ms\" }\n".to_owned(),
            "probes = { interval = \"5s\", timeout = \"1s\", stale_after = \"6s\" }\n".to_owned(),
            Code::StaleTooSoon,
        ),
        ("probes.interval = \"28s\"\n".to_owned(), "probes.timeout = \"25s\"\n".to_owned(), Code::StaleTooSoon),
        (
            "chaos.network = { latency = \"5ms\", jitter = \"5ms\" }\n".to_owned(),
            "chaos.network = { latency = \"5ms\", jitter = \"6ms\" }\n".to_owned(),
            Code::JitterTooLarge,
        ),
        (
            "chaos.network.jitter = \"0s\"\n".to_owned(),
            "chaos.network.jitter = \"1ms\"\n".to_owned(),
            Code::JitterTooLarge,
        ),
        (
            format!("{}groups = [\"readiness\", \"startup\"]\n", check("main")),
            format!("{}groups = [\"startup\", \"startup\"]\n", check("main")),
            Code::Repeated,
        ),
        (
            "[retries.r]\ninitial_backoff = \"1s\"\n".to_owned(),
            "[retries.r]\ninitial_backoff = \"1001ms\"\n".to_owned(),
            Code::BackoffBounds,
        ),
        (breaker("0.01"), breaker("0.0"), Code::RateAlwaysMet),
        (breaker("0.01"), breaker("0.01").replace("0.5", "0"), Code::RateAlwaysMet),
        (
            "breakers.default.failure_threshold = 3\n".to_owned(),
            "breakers.default.routes = [\"/**\"]\n".to_owned(),
            Code::DefaultJudges,
        ),
    ] {
        assert_eq!(codes(&good), [], "{good}");
        assert_eq!(codes(&bad), [code], "{bad}");
    }
}

#[test]
fn a_rule_says_nothing_about_a_value_that_is_itself_at_fault() {
    for (text, code) in [
        ("[pools.m]\nmin_connections = 200\nmax_connections = \"x\"\n", Code::WrongType),
        ("[pools.m]\nmin_connections = 200\nmax_conections = 300\n", Code::UnknownKey),
        ("[pools.m]\nurl = 5\n[probes.checks.db]\nkind = \"pool\"\npool = \"m\"\n", Code::WrongType),
        ("[admin]\nlisten = \"0.0.0.0:9091\"\ntoken = 5\n", Code::WrongType),
        ("[observability]\nlatency_buckets = [2.0, -1.0, 1.0]\n", Code::InvalidValue),
        ("[chaos]\nenabled = true\nenvironments = [5]\n", Code::WrongType),
    ] {
        assert_eq!(codes(text), [code], "{text}");
    }
}

#[test]
fn values_beyond_a_fault_are_still_judged() {
    let text =
        "[pools.m]\nmin_connections = 200\n[pools.n]\nurl = 5\n[limits]\nmode = 5\n[probes.checks.x]\nkind = \"tcp\"\n";
    assert_eq!(codes(text), [Code::PoolBounds, Code::WrongType, Code::WrongType, Code::MissingKey]);
}

#[test]
fn a_value_wrong_in_two_ways_is_told_once() {
    for text in ["limits.max_in_flight = 0.5\n", "limits.max_in_flight = nan\n", "chaos.routes = 0.5\n"] {
        assert_eq!(codes(text), [Code::WrongType], "{text}");
    }
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_nothing() {
    let (one, other) = (checked("limits.max_in_flight = 100\n"), checked("limits.max_in_flight = 100.0\n"));
    assert!(one.same_as(&other) && one.sha256() == other.sha256());
    for text in ["observability.metrics_port = 9095.0\n", "chaos.seed = 7.0\n", "[pools.m]\nmax_connections = 5.0\n"] {
        assert_eq!(codes(text), [], "{text}");
    }
    assert!(run("version = 1.0\n", &[]).is_ok());
    assert_eq!(codes("limits.max_in_flight = 5e12\n"), [Code::InvalidValue]);
}

#[test]
fn the_document_is_whole_and_masked_and_its_digest_ignores_order_and_spelling() {
    let one = checked("[admin]\ntoken = \"hunter2\"\n[limits]\nmode = \"off\"\nmax_in_flight = 1_000\n");
    let other = checked("# moved\nlimits = { max_in_flight = 1000, mode = \"off\" }\nadmin.token = 'hunter2'\n");
    assert_eq!(one.value()["admin"]["token"], json!(MASK));
    assert_eq!(one.value()["limits"], json!({ "max_in_flight": 1000, "mode": "off", "modes": {}, "rates": {} }));
    assert_eq!(one.value()["probes"]["interval"], json!("5s"), "defaults are filled in");
    assert_eq!(one.sha256(), other.sha256());
    assert!(one.same_as(&other));
    assert_eq!(one.sha256().to_string().len(), 64);

    let third = checked("[admin]\ntoken = \"hunter2\"\n[limits]\nmode = \"off\"\nmax_in_flight = 1_001\n");
    assert_ne!(one.sha256(), third.sha256());
    assert!(!one.same_as(&third));
}

#[test]
fn a_rotated_secret_is_another_configuration_with_the_same_digest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let text = format!(
        "version = 1\n[admin]\ntoken = {{ file = {file:?} }}\n[observability.otlp_headers]\nx = {{ env = \"X\" }}\n"
    );
    let [first, rotated, other] = [("hunter2", "a"), ("hunter3", "a"), ("hunter3", "b")].map(|(secret, variable)| {
        std::fs::write(&file, format!("{secret}\r\n")).unwrap();
        let now = run(&text, &[("X", variable)]).unwrap();
        assert_eq!(now.config().admin.token.as_ref().unwrap().expose(), Some(secret), "without its line break");
        now
    });
    assert!(!first.same_as(&rotated) && !rotated.same_as(&other));
    assert!(other.same_as(&run(&text, &[("X", "b")]).unwrap()));
    assert_eq!(first.sha256(), other.sha256());
    assert_eq!(first.secret_files(), std::slice::from_ref(&file));
    assert_eq!(first.value()["admin"]["token"], json!({ "file": file }));
}

#[test]
fn a_secret_file_that_is_no_text_or_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let text = format!("[admin]\ntoken = {{ file = {file:?} }}\n");
    assert_eq!(codes(&text), [Code::SecretMissing]);
    for (content, code) in [
        (b"\n\r\n".to_vec(), Code::SecretUnusable),
        (b"caf\xe9".to_vec(), Code::SecretUnusable),
        (vec![b'x'; (64 << 10) + 1], Code::SecretUnusable),
        (b"two\nlines".to_vec(), Code::SecretUnusable),
    ] {
        std::fs::write(&file, content).unwrap();
        assert_eq!(codes(&text), [code]);
    }
    let folder = format!("[admin]\ntoken = {{ file = {:?} }}\n", folder.path());
    assert_eq!(codes(&folder), [Code::SecretMissing]);
}

#[test]
fn what_was_ignored_is_told() {
    let checked = run("version = 1\n", &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]).unwrap();
    assert_eq!(checked.warnings(), ["OTEL_EXPORTER_OTLP_PROTOCOL is ignored: expected \"grpc\" or \"http/protobuf\""]);
}

#[test]
fn a_name_that_a_variable_brings_and_that_is_nearly_one_there_is_told() {
    let file = "version = 1\n[pools.main]\n[pools.replica-1]\n[breakers.payments]\n";
    let warnings = |variable: (&str, &str)| run(file, &[variable]).unwrap().warnings().to_vec();
    assert_eq!(
        warnings(("OPS_POOLS__MIAN__MAX_CONNECTIONS", "9")),
        ["OPS_POOLS__MIAN__MAX_CONNECTIONS makes `pools.mian`; did you mean `pools.main`?"]
    );
    assert_eq!(warnings(("OPS_BREAKERS", "{ payment = {} }")).len(), 1);
    for meant in ["OPS_POOLS__MAIN__MAX_CONNECTIONS", "OPS_POOLS__ORDERS__MAX_CONNECTIONS"] {
        assert_eq!(warnings((meant, "9")), Vec::<String>::new(), "{meant}");
    }
    assert_eq!(warnings(("OPS_POOLS__REPLICA-2__MAX_CONNECTIONS", "9")), Vec::<String>::new(), "only another number");
}

#[test]
fn origins_name_what_was_said_and_only_that() {
    let checked = run("version = 1\n[limits]\nmode = \"off\"\n", &[("OPS_CHAOS__SEED", "7")]).unwrap();
    let origins: Vec<String> = checked.origins().iter().map(|(key, origin)| format!("{key} {origin}")).collect();
    assert_eq!(origins, ["chaos.seed OPS_CHAOS__SEED", "limits.mode ops.toml:3:8", "version ops.toml:1:11"]);
}

#[test]
fn a_secret_that_stands_elsewhere_has_the_place_where_that_is_said() {
    let file = "version = 1\n[pools.p]\nurl = { env = \"U\" }\n";
    let checked = run(file, &[("U", "sqlite::memory:")]).unwrap();
    let origin = |key: &[&str]| checked.origin(&key.iter().copied().collect()).to_string();
    assert_eq!(origin(&["pools", "p", "url", "env"]), "ops.toml:3:15");
    assert_eq!(origin(&["pools", "p", "url"]), "ops.toml:3:15");
    assert_eq!(origin(&["pools", "p", "max_connections"]), origin(&[]), "a default");
}
