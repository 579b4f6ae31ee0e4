//! What becomes of the program's own spans and of what it says within them.

use crate::{
    call::Call,
    refusal::Fault,
    telemetry::{
        collector::{call, publish, subscribe, Plan},
        trace::{SpanKind, Trace, TraceFilter, TraceLayer},
        Telemetry,
    },
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use ops_config::value::MASK;
use std::convert::Infallible;
use tower::{Layer, ServiceExt};

async fn handle(_: Call<Plan, ()>) -> Result<Response<Full<Bytes>>, Fault<Infallible>> {
    let span =
        tracing::info_span!("pay", amount = 7, db_password = "hunter2", token_count = 3, later = tracing::field::Empty);
    let _entered = span.enter();
    span.record("later", "recorded");
    tracing::info!("not told in traces");
    let body = "b".repeat(1 << 20);
    tracing::warn!(retry = 1, body, api_key = "sesame", "the card is slow");
    tracing::error!("the card is gone");
    Ok(Response::new(Full::default()))
}

/// One request, and the only trace there is then.
async fn traced(telemetry: &Telemetry, more: &str) -> Trace {
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("service_name = \"shop\"\nsampling_rate = 1.0\n{more}");
    let generation = publish(telemetry, &section, None);
    let request = Request::get("/pay").body(()).expect("a request");
    let answer = TraceLayer::new().layer(tower::service_fn(handle)).oneshot(call(&generation, request)).await;
    drop(answer.unwrap_or_else(|_| panic!("an answer")));
    let listed = telemetry.recent_traces().list(&TraceFilter::default());
    assert_eq!(listed.len(), 1);
    telemetry.recent_traces().get(listed[0].trace_id).expect("it is there")
}

#[tokio::test]
async fn a_trace_is_kept_without_a_collector_with_the_programs_spans_and_no_secret() {
    let trace = traced(&Telemetry::with_output(std::io::sink()), "").await;
    let [server, pay] = &trace.spans[..] else { panic!("{trace:?}") };
    assert_eq!((server.kind.clone(), pay.operation_name.as_str()), (SpanKind::Server, "pay"));
    assert_eq!(pay.parent_span_id, Some(server.span_id));
    assert_eq!((trace.summary.service.as_str(), trace.summary.root_operation.as_str()), ("shop", "GET"));
    assert!(trace.summary.complete);
    for (key, value) in [("amount", "7"), ("db_password", MASK), ("token_count", "3"), ("later", "recorded")] {
        let said = &pay.attributes[key];
        assert_eq!(said.as_str().map_or_else(|| said.to_string(), str::to_owned), value, "{key}");
    }
    let said: Vec<_> = pay.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(said, ["the card is slow", "the card is gone"]);
    assert_eq!(pay.events[0].attributes["api_key"], MASK);
    assert_eq!(pay.events[0].attributes["retry"], 1);
    let body = pay.events[0].attributes["body"].as_str().map_or(0, str::len);
    assert!((1024..10_000).contains(&body), "{body} bytes");
    let shown = serde_json::to_string(&trace).expect("JSON");
    assert!(!shown.contains("hunter2") && !shown.contains("sesame"), "{shown}");
}

#[tokio::test]
async fn what_the_configuration_names_is_masked_in_spans_as_it_is_in_lines() {
    let redact = r#"logging = { redact = ["Amount", "retry", "url.path"] }"#;
    let trace = traced(&Telemetry::with_output(std::io::sink()), redact).await;
    let [server, pay] = &trace.spans[..] else { panic!("{trace:?}") };
    assert_eq!(
        [&server.attributes["url.path"], &pay.attributes["amount"], &pay.events[0].attributes["retry"]],
        [MASK; 3]
    );
    assert_eq!(pay.attributes["token_count"], 3, "and nothing else is");
}

#[tokio::test]
async fn what_is_exported_is_masked_as_well_and_a_copy_stays() {
    let mut collector = crate::telemetry::collector::Collector::grpc().await;
    let telemetry = Telemetry::with_output(std::io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("sampling_rate = 1.0\notlp_endpoint = \"http://{}\"", collector.address);
    let generation = publish(&telemetry, &section, None);
    let request = Request::get("/pay").body(()).expect("a request");
    drop(TraceLayer::new().layer(tower::service_fn(handle)).oneshot(call(&generation, request)).await);
    telemetry.shutdown(std::time::Duration::from_secs(10)).await;
    let received = format!("{:?}", collector.spans(2).await);
    assert!(received.contains("db_password") && received.contains("api_key"), "{received}");
    assert!(!received.contains("hunter2") && !received.contains("sesame"), "{received}");
    assert_eq!(telemetry.recent_traces().list(&TraceFilter::default())[0].span_count, 2);
}
