//! The layers together, with a collector at the other end.

mod end;

use super::Telemetry;
use crate::{
    call::Call,
    refusal::{Fault, Refusal},
    telemetry::{
        collector::{attribute, call, publish, subscribe, Collector, Plan},
        metric::{MetricsLayer, Route},
        output::Output,
        trace::{current, in_current, Outgoing, TraceContext, TraceLayer},
    },
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, Span};
use std::{convert::Infallible, io, sync::Arc, time::Duration};
use tower::{Layer, Service, ServiceExt};

const LONG: Duration = Duration::from_secs(10);

type MakeFrame = fn(usize) -> Result<Frame<Bytes>, Infallible>;
type Frames = StreamBody<futures_util::stream::Iter<std::iter::Map<std::ops::Range<usize>, MakeFrame>>>;

/// A body that logs while it is made.
fn frames(count: usize) -> Frames {
    let make: MakeFrame = |_| {
        tracing::info!("in the body");
        Ok(Frame::data(Bytes::from_static(b"x")))
    };
    StreamBody::new(futures_util::stream::iter((0..count).map(make)))
}

/// The service at the end of the stack: logs, opens a span, spawns, calls out, and fails on demand.
async fn handle(call: Call<Plan, ()>) -> Result<Response<Frames>, Fault<Infallible>> {
    if call.path() == "/refuse" {
        return Err(Fault::Refused(Refusal::Overloaded));
    }
    let span = tracing::info_span!("work", step = 1);
    span.in_scope(|| tracing::info!("in the handler"));
    tracing::debug_span!("detail").in_scope(|| ());
    let spawned = tokio::spawn(in_current(async { tracing::info!("spawned") }));
    spawned.await.expect("no panic");
    let mut request = Request::new(());
    let mut outgoing = Outgoing::begin(&Method::GET, "http://other:81/x?token=1", request.headers_mut());
    outgoing.answered(StatusCode::NOT_FOUND, Version::HTTP_11);
    drop(outgoing);
    let mut response = Response::new(frames(2));
    let sent = request.headers()["traceparent"].clone();
    response.headers_mut().insert("sent", sent);
    if call.path() == "/fail" {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    response.extensions_mut().insert(Route::new("/{any}"));
    Ok(response)
}

type Answer<B> = Result<Response<B>, Fault<Infallible>>;

fn stack() -> impl Service<
    Call<Plan, ()>,
    Response = Response<impl http_body::Body<Data = Bytes, Error = Infallible>>,
    Error = Fault<Infallible>,
> {
    TraceLayer::new().layer(MetricsLayer::new().layer(tower::service_fn(handle)))
}

fn request(path: &str, traceparent: Option<&str>) -> Request<()> {
    let builder = Request::get(path).header("user-agent", "test");
    let builder = match traceparent {
        Some(value) => builder.header("traceparent", value),
        None => builder,
    };
    builder.body(()).expect("a request")
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} among {spans:?}"))
}

#[tokio::test]
async fn a_recorded_request_is_one_tree_of_spans_with_its_lines() {
    let (output, mut collector) = (Output::default(), Collector::grpc().await);
    let telemetry = Telemetry::with_output(output.clone());
    let _subscriber = subscribe(telemetry.layer());
    let section =
        format!("service_name = \"shop\"\notlp_endpoint = \"http://{}\"\nsampling_rate = 0.0", collector.address);
    let generation = publish(&telemetry, &section, None);
    let remote = "00-12345678901234567890123456789012-1234567890123456-01";
    let response = stack().oneshot(call(&generation, request("/fail?secret=1", Some(remote)))).await;
    let response = response.unwrap_or_else(|_| panic!("an answer"));
    let sent: TraceContext = response.headers()["sent"].to_str().expect("text").parse().expect("a traceparent");
    assert_eq!(telemetry.active_requests(), 1, "its body is still to be sent");
    response.into_body().collect().await.expect("a body");
    assert_eq!((telemetry.active_requests(), current()), (0, None));

    telemetry.shutdown(LONG).await;
    let spans = collector.spans(3).await;
    assert_eq!(spans.len(), 3, "{spans:?}");
    let (server, work, client) = (
        named(&spans, "GET /{any}"),
        named(&spans, "work"),
        spans.iter().find(|span| span.kind == SpanKind::Client as i32),
    );
    let client = client.expect("the outgoing call");
    assert_eq!(server.kind, SpanKind::Server as i32);
    assert_eq!(server.parent_span_id, 0x1234_5678_9012_3456_u64.to_be_bytes());
    assert!(work.parent_span_id == server.span_id && client.parent_span_id == server.span_id);
    assert_eq!(client.span_id, sent.span_id().to_bytes(), "what the callee takes for its parent");
    assert!(spans.iter().all(|span| span.trace_id == sent.trace_id().to_bytes()));
    for (key, value) in [
        ("http.request.method", "GET"),
        ("url.path", "/fail"),
        ("http.route", "/{any}"),
        ("http.response.status_code", "500"),
        ("error.type", "500"),
        ("user_agent.original", "test"),
    ] {
        assert_eq!(attribute(&server.attributes, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(attribute(&client.attributes, "url.full").as_deref(), Some("http://other:81/x?token=********"));
    let lines = output.lines();
    let ids: Vec<_> = lines.iter().map(|line| (line["message"].as_str(), line["trace_id"].as_str())).collect();
    let trace = Some("12345678901234567890123456789012");
    let said = ["in the handler", "spawned", "in the body", "in the body"];
    assert_eq!(ids, said.map(|message| (Some(message), trace)));
    assert_ne!(lines[0]["span_id"], lines[1]["span_id"], "the innermost span that is recorded");
}

#[tokio::test]
async fn a_request_that_is_not_recorded_has_no_span_and_still_its_trace() {
    let (output, collector) = (Output::default(), Collector::grpc().await);
    let telemetry = Telemetry::with_output(output.clone());
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("otlp_endpoint = \"http://{}\"\nsampling_rate = 0.0", collector.address);
    let generation = publish(&telemetry, &section, None);
    let response = stack().oneshot(call(&generation, request("/", None))).await.unwrap_or_else(|_| panic!("an answer"));
    let sent: TraceContext = response.headers()["sent"].to_str().expect("text").parse().expect("a traceparent");
    assert!(!sent.is_sampled());
    drop(response);
    telemetry.shutdown(LONG).await;
    assert!(collector.is_empty());
    let lines = output.lines();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(line["trace_id"].as_str(), Some(sent.trace_id().to_string().as_str()));
    }
    let page = telemetry.families().text();
    assert!(page.contains("ops_traces_sampled_total 0\n") && page.contains("ops_traces_dropped_total 1\n"), "{page}");
}

#[tokio::test]
async fn refusals_and_answers_are_counted_and_the_page_shows_them() {
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let generation = publish(&telemetry, "", None);
    let answer: Answer<_> = stack().oneshot(call(&generation, request("/refuse", None))).await;
    assert!(matches!(answer, Err(Fault::Refused(Refusal::Overloaded))));
    drop(stack().oneshot(call(&generation, request("/", None))).await);
    // Nobody waits for this one.
    drop(stack().oneshot(call(&generation, request("/", None))));
    let counter = prometheus::IntCounter::new("orders_total", "Orders.").expect("good");
    telemetry.metrics().register(counter).expect("the first").inc();
    let page = telemetry.families().text();
    for line in [
        "ops_requests_refused_total{reason=\"overloaded\"} 1",
        "http_server_active_requests 0",
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"503\",http_route=\"_OTHER\"} 1",
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/{any}\"} 1",
        "orders_total 1",
        "ops_log_lines_dropped_total 0",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} in {page}");
    }
}

#[tokio::test]
async fn spans_go_to_the_collector_that_is_in_force_and_a_reload_loses_none() {
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let (mut first, mut second) = (Collector::grpc().await, Collector::http().await);
    let section = |address, protocol| {
        format!("sampling_rate = 1.0\notlp_endpoint = \"http://{address}\"\notlp_protocol = \"{protocol}\"")
    };
    let one = publish(&telemetry, &section(first.address, "grpc"), None);
    drop(stack().oneshot(call(&one, request("/", None))).await);
    assert_eq!(first.spans(3).await.len(), 3);
    let two = publish(&telemetry, &section(second.address, "http/protobuf"), Some(&one));
    // Pinned to the generation before; its span ends under the new one.
    drop(stack().oneshot(call(&one, request("/", None))).await);
    drop(stack().oneshot(call(&two, request("/", None))).await);
    assert_eq!(second.spans(6).await.len(), 6);
    assert!(first.is_empty());
    let none = publish(&telemetry, "sampling_rate = 1.0", Some(&two));
    drop(stack().oneshot(call(&none, request("/", None))).await);
    telemetry.shutdown(LONG).await;
    assert!(second.is_empty());
    assert!(telemetry.families().text().contains("ops_spans_exported_total 9\n"));
}

#[tokio::test]
async fn an_edit_elsewhere_keeps_what_was_dealt_and_counted() {
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let first = publish(&telemetry, "sampling_rate = 0.5\notlp_endpoint = \"http://127.0.0.1:1\"", None);
    let section = "sampling_rate = 0.5\notlp_endpoint = \"http://127.0.0.1:1\"\nlogging = { level = \"off\" }";
    let second = publish(&telemetry, section, Some(&first));
    let plans = [&first, &second].map(|generation| generation.plan.as_ref());
    let [before, after] = plans;
    assert!(Arc::ptr_eq(&before.sampler, &after.sampler));
    assert!(Arc::ptr_eq(&before.durations, &after.durations));
    assert!(Arc::ptr_eq(before.exporter.as_ref().expect("one"), after.exporter.as_ref().expect("one")));
    let third = publish(&telemetry, "latency_buckets = [1.0, 2.0]", Some(&second));
    assert!(!Arc::ptr_eq(&after.durations, &third.plan.as_ref().durations));
    drop(stack().oneshot(call(&first, request("/", None))).await);
    let page = telemetry.families().text();
    assert!(page.contains("le=\"2.0\"} 1\n") && !page.contains("le=\"0.005\""), "{page}");
}

#[tokio::test]
async fn a_dead_collector_does_not_hold_up_the_end() {
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let address = listener.local_addr().expect("an address");
    let generation = publish(&telemetry, &format!("sampling_rate = 1.0\notlp_endpoint = \"http://{address}\""), None);
    drop(stack().oneshot(call(&generation, request("/", None))).await);
    let ended = tokio::time::timeout(Duration::from_secs(5), telemetry.shutdown(Duration::from_millis(200))).await;
    assert!(ended.is_ok());
}

/// Feature: production-excellence, Property 1: what a cancelled request logs while it is taken down is its own.
#[tokio::test]
async fn a_cancelled_request_logs_from_its_destructors_in_its_trace() {
    struct Says;
    impl Drop for Says {
        fn drop(&mut self) {
            tracing::info!("taken down");
        }
    }
    let output = Output::default();
    let telemetry = Telemetry::with_output(output.clone());
    let _subscriber = subscribe(telemetry.layer());
    let generation = publish(&telemetry, "", None);
    let never = |_: Call<Plan, ()>| async {
        let _says = Says;
        std::future::pending::<Answer<Frames>>().await
    };
    let remote = "00-12345678901234567890123456789012-1234567890123456-00";
    let request = call(&generation, request("/", Some(remote)));
    let cut = TraceLayer::new().layer(tower::service_fn(never)).oneshot(request);
    assert!(tokio::time::timeout(Duration::from_millis(5), cut).await.is_err());
    telemetry.shutdown(LONG).await;
    let lines = output.lines();
    assert_eq!(lines[0]["message"].as_str(), Some("taken down"));
    assert_eq!(lines[0]["trace_id"].as_str(), Some("12345678901234567890123456789012"));
}

#[tokio::test]
async fn what_cannot_be_built_changes_nothing() {
    let telemetry = Telemetry::with_output(io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let generation = publish(&telemetry, "sampling_rate = 1.0", None);
    let mut config = generation.checked.config().observability.clone();
    config.otlp_endpoint = Some(format!("http://x/{}", "y".repeat(70_000)).parse().expect("an address"));
    let violations = telemetry.prepare(&config, Some(generation.plan.as_ref())).expect_err("too long a path");
    assert_eq!(violations.len(), 1);
    drop(stack().oneshot(call(&generation, request("/", None))).await);
    assert!(telemetry.families().text().contains("ops_traces_sampled_total 1\n"));
}
