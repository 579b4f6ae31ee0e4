use super::{
    super::{answer::Answer, batch::encode, counts::Counts, way::Way},
    Exporter,
};
use crate::telemetry::collector::{config, Collector, Failing};
use bytes::Bytes;
use opentelemetry::{
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
    InstrumentationScope,
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use ops_config::{diagnostic::Code, section::ObservabilityConfig, value::Secret};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

pub(in super::super) fn span() -> SpanData {
    let context = SpanContext::new(TraceId::from(7), SpanId::from(8), TraceFlags::SAMPLED, false, TraceState::NONE);
    SpanData {
        span_context: context,
        parent_span_id: SpanId::from(9),
        parent_span_is_remote: true,
        span_kind: SpanKind::Server,
        name: "GET /".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn prepare(config: &ObservabilityConfig, current: Option<&Arc<Exporter>>) -> Arc<Exporter> {
    Exporter::prepare(config, "shop", current).expect("it can be made").expect("an endpoint is named")
}

pub(super) fn body(exporter: &Exporter) -> Bytes {
    encode(vec![span()], exporter.resource(), &Arc::<Counts>::default()).remove(0).body
}

async fn arrives(mut collector: Collector, protocol: &str) {
    let config = config(&format!(
        "environment = \"test\"\notlp_endpoint = \"http://{}\"\notlp_protocol = \"{protocol}\"\notlp_headers = {{ authorization = \"Bearer s3cret\" }}",
        collector.address
    ));
    let exporter = prepare(&config, None);
    let answer = exporter.send(body(&exporter)).await;
    assert!(matches!(answer, Answer::Taken { rejected: 0 }), "{answer:?}");
    let received = collector.next().await;
    assert_eq!((received.service.as_str(), received.environment.as_str()), ("shop", "test"));
    assert_eq!(received.authorization.as_deref(), Some("Bearer s3cret"));
    let [span] = received.spans.as_slice() else { panic!("one span, not {:?}", received.spans) };
    assert_eq!(span.trace_id, TraceId::from(7).to_bytes());
    assert_eq!(span.span_id, SpanId::from(8).to_bytes());
    assert_eq!(span.parent_span_id, SpanId::from(9).to_bytes());
    assert!(!format!("{exporter:?}").contains("s3cret"), "{exporter:?}");
}

#[tokio::test]
async fn spans_arrive_over_grpc() {
    arrives(Collector::grpc().await, "grpc").await;
}

#[tokio::test]
async fn spans_arrive_as_protobuf_over_http() {
    arrives(Collector::http().await, "http/protobuf").await;
}

#[tokio::test]
async fn the_exporter_is_kept_until_something_it_is_made_from_changes() {
    let base = "otlp_endpoint = \"http://127.0.0.1:4317\"\notlp_headers = { a = \"1\" }\n";
    let first = prepare(&config(base), None);
    for same in ["", "sampling_rate = 0.7\n", "latency_buckets = [1.0]\n", "logging = { level = \"debug\" }\n"] {
        assert!(Arc::ptr_eq(&first, &prepare(&config(&format!("{base}{same}")), Some(&first))), "{same}");
    }
    for other in [
        base.replace("4317", "4318"),
        base.replace("\"1\"", "\"2\""),
        format!("{base}environment = \"production\""),
        format!("{base}otlp_timeout = \"1s\""),
        format!("{base}resource_attributes = {{ \"service.version\" = \"1\" }}"),
        format!("{base}otlp_protocol = \"http/protobuf\""),
    ] {
        assert!(!Arc::ptr_eq(&first, &prepare(&config(&other), Some(&first))), "{other}");
    }
    assert!(Exporter::prepare(&config(""), "shop", Some(&first)).expect("nothing to make").is_none());
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_said_with_its_key() {
    for section in [
        "otlp_endpoint = \"http://x/§\"",
        "otlp_endpoint = \"http://x/§\"\notlp_protocol = \"http/protobuf\"",
        "otlp_endpoint = \"http://x/§?token=s3cret\"",
        "otlp_endpoint = \"http://x/§?token=s3cret\"\notlp_protocol = \"http/protobuf\"",
    ] {
        // `check` refuses characters that no address may hold; this one is too long for any client.
        let config = config(&section.replace('§', &"y".repeat(70_000)));
        let violations = Exporter::prepare(&config, "shop", None).expect_err(section);
        let [violation] = violations.as_slice() else { panic!("one, not {violations:?}") };
        assert_eq!(
            (violation.code, violation.key.to_string().as_str()),
            (Code::Exporter, "observability.otlp_endpoint")
        );
        assert!(!format!("{violation}{violation:?}").contains("s3cret"), "{violation:?}");
    }
}

#[tokio::test]
async fn every_header_that_cannot_be_sent_is_said_without_its_secret() {
    // `check` refuses these in a file; code can still make them.
    let mut config = config("otlp_endpoint = \"http://x\"");
    for (name, secret) in [("a", "s3cret\n"), ("b", "s3cret\0"), ("c", "fine")] {
        config.otlp_headers.insert(name.parse().expect("a name"), Secret::inline(secret));
    }
    let violations = Exporter::prepare(&config, "shop", None).expect_err("line breaks");
    let keys: Vec<_> = violations.iter().map(|violation| violation.key.to_string()).collect();
    assert_eq!(keys, ["observability.otlp_headers.a", "observability.otlp_headers.b"]);
    assert!(!format!("{violations:?}").contains("s3cret"), "{violations:?}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_may_come_and_the_cause_is_said() {
    for protocol in ["grpc", "http/protobuf"] {
        let text = format!("otlp_endpoint = \"http://127.0.0.1:1\"\notlp_protocol = \"{protocol}\"");
        let exporter = prepare(&config(&text), None);
        let answer = exporter.send(body(&exporter)).await;
        let Answer::Later { after: None, cause } = answer else { panic!("{protocol}: {answer:?}") };
        assert!(cause.contains("refused"), "{protocol}: {cause}");
    }
}

#[tokio::test]
async fn what_a_collector_answers_is_understood_over_both_protocols() {
    for protocol in ["grpc", "http/protobuf"] {
        let collector = Collector::start(protocol, None).await;
        let text = format!("otlp_endpoint = \"http://{}\"\notlp_protocol = \"{protocol}\"", collector.address);
        let exporter = prepare(&config(&text), None);
        collector.fail([Failing::Later, Failing::Refused, Failing::Partly]);
        let answer = exporter.send(body(&exporter)).await;
        assert!(matches!(answer, Answer::Later { after: None, .. }), "{protocol}: {answer:?}");
        let answer = exporter.send(body(&exporter)).await;
        assert!(matches!(answer, Answer::Refused { .. }), "{protocol}: {answer:?}");
        let answer = exporter.send(body(&exporter)).await;
        assert!(matches!(answer, Answer::Taken { rejected: 1 }), "{protocol}: {answer:?}");
    }
}

#[tokio::test]
async fn a_connection_that_does_not_answer_is_not_waited_on_again() {
    // Takes connections and never answers, then says how many there were.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let text = format!("otlp_endpoint = \"http://{address}\"");
    let exporter = prepare(&config(&text), None);
    for _ in 0..3 {
        let arrives = async {
            let body = body(&exporter);
            tokio::select! {
                connection = listener.accept() => assert!(connection.is_ok()),
                answer = exporter.send(body) => panic!("{answer:?}"),
            }
        };
        tokio::time::timeout(Duration::from_secs(10), arrives).await.expect("a connection of its own");
        exporter.give_up();
    }
}

#[tokio::test]
async fn an_address_that_takes_no_connection_does_not_have_all_of_the_time() {
    let listener = tokio::net::TcpSocket::new_v4().expect("a socket");
    listener.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = listener.listen(0).expect("it listens");
    let address = listener.local_addr().expect("an address");
    // Nobody accepts them; then there is no room for more, and the system does not answer.
    let connect = || tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address));
    let _waiting = tokio::join!(connect(), connect(), connect());
    let text = format!("otlp_endpoint = \"http://{address}\"\notlp_timeout = \"100ms\"");
    let exporter = prepare(&config(&text), None);
    let answer = tokio::time::timeout(Duration::from_secs(20), exporter.send(body(&exporter))).await;
    assert!(matches!(answer, Ok(Answer::Later { .. })), "{answer:?}");
}
