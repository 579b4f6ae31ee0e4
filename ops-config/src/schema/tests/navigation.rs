use super::super::*;
use crate::diagnostic::KeyPath;
use serde_json::{json, Value};

fn key(dotted: &str) -> KeyPath {
    dotted.split('.').collect()
}

fn expected_at(dotted: &str) -> String {
    expected(at(&key(dotted)).unwrap())
}

#[test]
fn a_key_is_found_through_references_names_and_lists() {
    for (dotted, found) in [
        ("server.listen", ValueType::String),
        ("pools.main.max_connections", ValueType::Integer),
        ("breakers.upstream.failure_rate.threshold", ValueType::Number),
        ("chaos.enabled", ValueType::Boolean),
        ("chaos.network.latency", ValueType::String),
        ("observability.latency_buckets", ValueType::Array),
        ("observability.otlp_headers", ValueType::Object),
        ("observability.otlp_headers.authorization", ValueType::String),
        ("probes.checks.main-db", ValueType::Object),
        ("probes.checks.main-db.pool", ValueType::String),
        ("admin.token.env", ValueType::String),
        ("limits.mode", ValueType::String),
    ] {
        assert_eq!(at(&key(dotted)).and_then(value_type), Some(found), "{dotted}");
    }
    let route = key("observability.sampling_rules").index(3).key("route");
    assert_eq!(at(&route).and_then(value_type), Some(ValueType::String));
    assert_eq!(at(&key("server.listn")), None);
}

#[test]
fn the_kind_written_decides_which_keys_a_check_has() {
    let document = json!({"probes": {"checks": {"disk": {"kind": "disk"}, "odd": {"kind": "dsk"}}}});
    assert!(at_in(&key("probes.checks.disk.min_free"), &document).is_some());
    assert!(at_in(&key("probes.checks.disk.pool"), &document).is_none());
    assert!(at_in(&key("probes.checks.odd.pool"), &document).is_some());
    assert_eq!(known_keys(&key("probes.checks.disk"), &document), ["kind", "path", "min_free", "groups", "critical"]);
    assert_eq!(known_keys(&key("server"), &Value::Null), ["listen"]);
    assert!(known_keys(&key("pools"), &Value::Null).is_empty());
}

#[test]
fn what_is_expected_is_said_in_words() {
    for (dotted, words) in [
        ("limits.mode", "\"off\", \"observe\" or \"enforce\""),
        ("limits.max_in_flight", "a whole number from 1 to 1000000"),
        ("limits.request_timeout", "a time from 1ms to 1d, such as \"30s\""),
        ("chaos.enabled", "true or false"),
        ("server", "a table"),
        ("probes.checks.main-db", "a table with kind = \"pool\", \"http\", \"tcp\", \"disk\" or \"memory\""),
        ("probes.checks.main-db.groups", "a list of 1 to 2, each \"startup\" or \"readiness\""),
        ("admin.token", "a text, { env = \"NAME\" } or { file = \"/path\" }"),
    ] {
        assert_eq!(expected_at(dotted), words, "{dotted}");
    }
}

#[test]
fn a_secret_is_known_and_where_it_stands_may_be_shown() {
    for secret in ["admin.token", "pools.main.url", "observability.otlp_headers.authorization", "admin.token.vlaue"] {
        assert!(is_secret(&key(secret)), "{secret}");
    }
    for shown in ["admin.token.env", "admin.listen", "pools.main.url.file", "server.lsten", "pools.main"] {
        assert!(!is_secret(&key(shown)), "{shown}");
    }
}
