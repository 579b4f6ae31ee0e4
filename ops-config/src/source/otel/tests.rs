use super::layer;
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};
use proptest::prelude::*;
use serde_json::{json, Value};

fn said(variables: &[(&str, &str)]) -> (Value, Vec<String>) {
    let variables: Vec<_> = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (layer, warnings) = layer(&variables);
    let section = layer.value.get("observability").cloned().unwrap_or_else(|| json!({}));
    (section, warnings)
}

/// What one variable says, if it can be used.
fn alone(name: &str, text: &str) -> Option<Value> {
    let (section, warnings) = said(&[(name, text)]);
    match warnings.as_slice() {
        [] => Some(section),
        [warning] => {
            assert!(warning.starts_with(&format!("{name} is ignored: expected ")), "{warning}");
            assert_eq!(section, json!({}));
            None
        }
        more => panic!("{more:?}"),
    }
}

#[test]
fn the_form_for_traces_wins_over_the_general_one_in_whatever_order_they_stand() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=3"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4317"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"),
    ];
    let expected = json!({
        "otlp_endpoint": "http://traces:4318/v1/traces",
        "otlp_protocol": "http/protobuf",
        "otlp_headers": { "a": "1", "b": "3" },
        "otlp_timeout": "2500ms",
    });
    assert_eq!(said(&variables), (expected, Vec::new()));
}

#[test]
fn attributes_with_keys_of_their_own_go_there_and_the_service_name_has_a_stronger_variable() {
    let list = "service.name=a,deployment.environment.name=staging, team = b%20c%2Cd%3De , k8s.io/x=,";
    let expected = json!({
        "service_name": "a",
        "environment": "staging",
        "resource_attributes": { "team": "b c,d=e", "k8s.io/x": "" },
    });
    assert_eq!(alone("OTEL_RESOURCE_ATTRIBUTES", list), Some(expected));
    let (section, _) = said(&[("OTEL_SERVICE_NAME", "b"), ("OTEL_RESOURCE_ATTRIBUTES", list)]);
    assert_eq!(section["service_name"], "b");
}

#[test]
fn a_list_is_taken_whole_or_not_at_all() {
    for text in ["a", "a=1,b", "=1", "a=%ff", "a b=1", "a=1,ключ=1"] {
        assert_eq!(alone("OTEL_RESOURCE_ATTRIBUTES", text), None, "{text:?}");
        assert_eq!(alone("OTEL_EXPORTER_OTLP_HEADERS", text), None, "{text:?}");
    }
    for text in ["a=", "a=%0d%0ax:1", "a=1:2,(=1"] {
        assert_eq!(alone("OTEL_EXPORTER_OTLP_HEADERS", text), None, "{text:?}");
    }
    let headers = alone("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20x,X-Id=a=b==");
    assert_eq!(headers, Some(json!({ "otlp_headers": { "authorization": "Bearer x", "x-id": "a=b==" } })));
}

#[test]
fn what_cannot_be_used_is_ignored_and_said_without_its_text() {
    for (name, bad) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2:4317"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x/hunter2"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "hunter2"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "99"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60001"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
        ("OTEL_RESOURCE_ATTRIBUTES", "hunter2"),
    ] {
        let (section, warnings) = said(&[(name, bad)]);
        assert_eq!((section, warnings.len()), (json!({}), 1), "{name}={bad}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
        assert_eq!(alone(name, " "), Some(json!({})), "an empty one is as good as none");
    }
    for same in ["http://x", "http://x/", "https://x:1/v1/traces", "http://x/tenant/v1/traces"] {
        assert!(alone("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", same).is_some(), "{same}");
    }
}

#[test]
fn other_variables_say_nothing() {
    let others = ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_INSECURE", "OTEL_BSP_MAX_QUEUE_SIZE"];
    assert_eq!(said(&others.map(|name| (name, "http://x"))), (json!({}), Vec::new()));
}

proptest! {
    #[test]
    fn every_attribute_that_is_encoded_is_read_as_it_was(value in "\\PC{0,40}", name in "[a-z][a-z._/-]{0,20}") {
        let encoded = utf8_percent_encode(&value, NON_ALPHANUMERIC);
        let section = alone("OTEL_RESOURCE_ATTRIBUTES", &format!("x={encoded},other.{name}={encoded}"));
        let name = format!("other.{name}");
        prop_assert_eq!(section, Some(json!({ "resource_attributes": { "x": value, name: value } })));
    }
}
