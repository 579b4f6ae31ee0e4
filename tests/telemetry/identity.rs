//! One trace id in the log, the problem, the span and the outgoing call of a request.

use crate::receiver::{Receiver, GRPC};
use http::Method;
use ops_tests::{
    client::Answer,
    service::{Service, SOON},
    wait,
};
use serde_json::Value;
use std::path::PathBuf;

/// Soon enough to be waited for, and far above what any other request takes on a busy machine.
const REFUSES: &str = "2s";

/// Not before the one that is called has refused.
const WAITS: &str = "30s";

async fn start(receiver: &Receiver, rate: &str, timeout: &str) -> Service {
    let guarded = format!("[pools.main]\nurl = \"sqlite::memory:\"\n[limits]\nrequest_timeout = \"{timeout}\"\n");
    Service::start(&format!("{}sampling_rate = {rate}\n{guarded}", receiver.quiet(GRPC))).await
}

/// With the caller's trace and its decision.
async fn ask(service: &Service, path: &str, trace: &str, flags: &str) -> Answer {
    let parent = format!("00-{trace}-00000000000000aa-{flags}");
    let headers = [("traceparent", parent.as_str())];
    service.client().send(service.server, Method::GET, path, &headers, "").await.expect("an answer")
}

/// The line that an item's reader wrote within a trace.
async fn line(service: &Service, trace: &str) -> Value {
    wait::until("the log line", SOON, || {
        let lines = service.process.log();
        let mut objects = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let found = objects.find(|line| line["event"] == "item.read" && line["trace_id"] == trace);
        std::future::ready(found)
    })
    .await
}

fn trace() -> String {
    format!("{:032x}", fastrand::u128(1..))
}

pub(crate) async fn what_is_not_recorded_has_its_id_everywhere_and_is_not_sent(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    // The caller decides, whatever the rate.
    let (front, back) = (start(&receiver, "1.0", WAITS).await, start(&receiver, "1.0", REFUSES).await);
    let read = trace();
    let answer = ask(&front, &format!("/call?url=http://{}/items/7", back.server), &read, "00").await;
    assert_eq!(answer.status, 404);
    let logged = line(&back, &read).await;
    assert!(logged["span_id"].as_str().is_some_and(|id| id.len() == 16 && id != "00000000000000aa"), "{logged}");

    let refused = trace();
    let problem = ask(&back, "/slow?ms=60000", &refused, "00").await;
    assert_eq!(
        (problem.header("content-type"), &problem.json()["trace_id"]),
        ("application/problem+json", &refused.into())
    );

    for service in [&front, &back] {
        receiver.settled(service).await;
    }
    assert!(receiver.spans().is_empty(), "{:#?}", receiver.spans());
}

pub(crate) async fn what_is_recorded_has_the_same_id_everywhere(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let (front, back) = (start(&receiver, "0.0", WAITS).await, start(&receiver, "0.0", REFUSES).await);
    let read = trace();
    let answer = ask(&front, &format!("/call?url=http://{}/items/7", back.server), &read, "01").await;
    assert_eq!(answer.status, 404);
    let spans = receiver.trace(&read, 3).await;
    let only = |kind: &str, name: &str| {
        let mut found = spans.iter().filter(|span| span.kind == kind && span.name == name);
        found.next().unwrap_or_else(|| panic!("{kind} {name}: {spans:#?}"))
    };
    let (outer, call, inner) = (only("server", "GET /call"), only("client", "GET"), only("server", "GET /items/{id}"));
    assert_eq!([&*outer.parent, &*call.parent, &*inner.parent], ["00000000000000aa", &*outer.id, &*call.id]);
    let logged = line(&back, &read).await;
    assert_eq!(logged["span_id"], inner.id, "the line was written within the request's span");

    // One is refused by the other's stack: the problem comes through, with the one id of all.
    let refused = trace();
    let path = format!("/call?url=http://{}/slow?ms=60000", back.server);
    let problem = ask(&front, &path, &refused, "01").await;
    let spans = receiver.trace(&refused, 3).await;
    let refusing: Vec<_> = spans.iter().filter(|span| span.attributes["error.type"] == "timeout").collect();
    assert!(refusing.len() == 1 && refusing[0].name == "GET /slow", "{spans:#?}");
    assert_eq!(problem.json()["trace_id"], refused);
}

pub(crate) async fn what_begins_here_has_one_id_in_the_line_and_the_span(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let service = start(&receiver, "1.0", REFUSES).await;
    let problem = service.get("/slow?ms=60000").await.expect("an answer").json();
    service.get("/items/7").await.expect("an answer");
    receiver.settled(&service).await;
    let spans = receiver.spans();
    let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"));
    assert_eq!(problem["trace_id"], of("GET /slow").trace);
    let read = of("GET /items/{id}");
    assert_eq!(line(&service, &read.trace).await["span_id"], read.id);
}
