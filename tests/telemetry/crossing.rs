//! A trace that crosses two instances, as it was received.

use crate::{
    receiver::{Receiver, Way, GRPC, HTTP},
    span::Span,
};
use http::Method;
use ops_tests::{client::Answer, service::Service};
use serde_json::{json, Value};
use std::{path::PathBuf, sync::Arc};

/// Two instances that send their spans to one receiver, and know one item each.
async fn pair(receiver: &Receiver, ways: [Way; 2]) -> [Service; 2] {
    let text = |name: &str, way: Way| {
        let more = format!("service_name = \"{name}\"\nenvironment = \"test\"\nsampling_rate = 1.0\n");
        format!("{}{more}[pools.main]\nurl = \"sqlite::memory:\"\n", receiver.quiet(way))
    };
    let both = [Service::start(&text("front", ways[0])).await, Service::start(&text("back", ways[1])).await];
    for service in &both {
        let kind = [("content-type", "application/json")];
        let kept = service.client().send(service.server, Method::POST, "/items", &kind, r#"{"name":"kept"}"#).await;
        assert_eq!(kept.expect("an answer").status, 201);
        receiver.settled(service).await;
    }
    both
}

/// From the front to the back and to the front again.
fn there_and_back(front: &Service, back: &Service) -> String {
    format!("/call?url=http://{}/call?url=http://{}/items/1", back.server, front.server)
}

async fn ask(service: &Service, path: &str, headers: &[(&str, &str)]) -> Answer {
    service.client().send(service.server, Method::GET, path, headers, "").await.expect("an answer")
}

/// The spans from the outermost inwards.
fn chain(spans: &[Arc<Span>]) -> Vec<Arc<Span>> {
    let is_parent = |id: &str| spans.iter().any(|span| span.id == id);
    let mut chain: Vec<_> = spans.iter().filter(|span| !is_parent(&span.parent)).cloned().collect();
    assert_eq!(chain.len(), 1, "one beginning: {spans:#?}");
    while let Some(next) = spans.iter().find(|span| chain.last().is_some_and(|last| span.parent == last.id)) {
        assert!(next.start >= chain[chain.len() - 1].start, "a child begins after its parent");
        chain.push(Arc::clone(next));
    }
    assert_eq!(chain.len(), spans.len(), "every span is in the row: {spans:#?}");
    chain
}

/// What OpenTelemetry's conventions require of an HTTP span, and recommend where it is known.
fn assert_conventions(span: &Span, expected: &Value) {
    for (key, value) in expected.as_object().expect("a table") {
        assert_eq!(&span.attributes[key], value, "{key} of {span:#?}");
    }
    assert!(span.end >= span.start && span.status == "unset", "{span:#?}");
}

fn assert_whole(spans: &[Arc<Span>], [front, back]: [&Service; 2]) {
    let chain = chain(spans);
    let shape = |span: &Arc<Span>| {
        let service = span.resource["service.name"].as_str().unwrap_or_default().to_owned();
        (service, span.kind.clone(), span.name.clone())
    };
    let row = |service: &str, kind: &str, name: &str| (service.to_owned(), kind.to_owned(), name.to_owned());
    let expected = [
        row("front", "server", "GET /call"),
        row("front", "client", "GET"),
        row("back", "server", "GET /call"),
        row("back", "client", "GET"),
        row("front", "server", "GET /items/{id}"),
    ];
    assert_eq!(chain.iter().map(shape).collect::<Vec<_>>(), expected);
    let server = |path: &str, route: &str| {
        json!({
            "http.request.method": "GET", "url.path": path, "url.scheme": "http", "http.route": route,
            "http.response.status_code": 200, "network.protocol.version": "1.1",
        })
    };
    let client = |to: &Service, path: &str| {
        json!({
            "http.request.method": "GET", "http.response.status_code": 200,
            "server.address": "127.0.0.1", "server.port": to.server.port(),
            "url.full": format!("http://{}{path}", to.server),
        })
    };
    assert_conventions(&chain[0], &server("/call", "/call"));
    assert_eq!(chain[1].attributes["server.port"], back.server.port());
    assert_conventions(&chain[2], &server("/call", "/call"));
    assert_conventions(&chain[3], &client(front, "/items/1"));
    assert_conventions(&chain[4], &server("/items/1", "/items/{id}"));
    for span in &chain {
        assert_eq!(span.resource["deployment.environment.name"], "test");
        assert_eq!(span.resource["telemetry.sdk.language"], "rust");
        assert!(span.resource["telemetry.sdk.name"].is_string() && span.resource["telemetry.sdk.version"].is_string());
    }
}

/// What an instance keeps of a trace is what it has sent of it, and nothing of the other.
async fn assert_kept(service: &Service, name: &str, spans: &[Arc<Span>]) {
    let trace = &spans[0].trace;
    let shown = service.client().get(service.admin, &format!("/traces/{trace}")).await.expect("an answer").json();
    let sent = spans.iter().filter(|span| span.resource["service.name"] == name).map(|span| {
        let parent = if span.parent.is_empty() { Value::Null } else { json!(span.parent) };
        json!([span.id, parent, span.name, span.kind, span.status, span.attributes])
    });
    let keys = ["span_id", "parent_span_id", "operation_name", "kind", "status", "attributes"];
    let kept = shown["spans"].as_array().expect("a list").iter();
    let kept = kept.map(|span| Value::from_iter(keys.map(|key| span[key].clone())));
    let sorted = |all: &mut dyn Iterator<Item = Value>| {
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|span| span[0].to_string());
        all
    };
    let (mut kept, mut sent) = (kept, sent);
    assert_eq!(sorted(&mut kept), sorted(&mut sent), "{shown:#}");
    assert_eq!(
        (&shown["trace_id"], &shown["service"], &shown["complete"]),
        (&json!(trace), &json!(name), &json!(true))
    );
    let listed = service.client().get(service.admin, "/traces").await.expect("an answer").json();
    assert!(listed["traces"].as_array().expect("a list").iter().any(|one| one["trace_id"] == **trace), "{listed:#}");
}

pub(crate) async fn a_trace_of_a_caller_is_received_whole(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    for ways in [[GRPC, HTTP], [HTTP, GRPC]] {
        let [front, back] = pair(&receiver, ways).await;
        let trace = format!("{:032x}", fastrand::u128(1..));
        let parent = format!("00-{trace}-00000000000000aa-01");
        let answer = ask(&front, &there_and_back(&front, &back), &[("traceparent", &parent)]).await;
        assert_eq!(answer.json()["name"], "kept");
        receiver.settled(&front).await;
        receiver.settled(&back).await;
        let spans = receiver.trace(&trace, 5).await;
        assert_whole(&spans, [&front, &back]);
        assert_eq!(chain(&spans)[0].parent, "00000000000000aa");
        assert_kept(&front, "front", &spans).await;
        assert_kept(&back, "back", &spans).await;
    }
}

pub(crate) async fn a_trace_that_begins_here_is_received_whole(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let [front, back] = pair(&receiver, [GRPC, GRPC]).await;
    let before = receiver.spans().len();
    assert_eq!(ask(&front, &there_and_back(&front, &back), &[]).await.status, 200);
    receiver.settled(&front).await;
    receiver.settled(&back).await;
    let spans = receiver.spans().split_off(before);
    assert!(spans.iter().all(|span| span.trace == spans[0].trace), "{spans:#?}");
    assert_whole(&spans, [&front, &back]);
    assert_eq!(chain(&spans)[0].parent, "");
    assert_kept(&front, "front", &spans).await;
    assert_kept(&back, "back", &spans).await;
}

pub(crate) async fn a_failure_is_one_to_whoever_met_it(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let [front, back] = pair(&receiver, [GRPC, HTTP]).await;
    let kind = |span: &Arc<Span>| (span.kind.clone(), span.status.clone(), span.attributes["error.type"].clone());
    let row = |kind: &str, status: &str, error: Value| (kind.to_owned(), status.to_owned(), error);
    // A wrong question is the caller's fault, not the server's; a server's failure is everybody's.
    for (path, status, expected) in
        [("/fail", 500, ["error", "error", "error"]), ("/items/99", 404, ["unset", "error", "unset"])]
    {
        let trace = format!("{:032x}", fastrand::u128(1..));
        let parent = format!("00-{trace}-00000000000000aa-01");
        let path = format!("/call?url=http://{}{path}", back.server);
        assert_eq!(ask(&front, &path, &[("traceparent", &parent)]).await.status, status);
        let chain = chain(&receiver.trace(&trace, 3).await);
        let error = |status_of: &str| if status_of == "error" { json!(status.to_string()) } else { Value::Null };
        let expected = ["server", "client", "server"].into_iter().zip(expected);
        let expected: Vec<_> = expected.map(|(kind, status)| row(kind, status, error(status))).collect();
        assert_eq!(chain.iter().map(kind).collect::<Vec<_>>(), expected);
    }
}
