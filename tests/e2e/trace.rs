//! The recent traces, with nothing installed around the service.

use http::{Method, StatusCode};
use ops_tests::{
    client::Client,
    service::{Service, QUIET, SOON},
    wait,
};
use serde_json::Value;

/// One trace, once it has so many spans. The last of them ends a moment after its answer was read.
async fn trace(service: &Service, id: &str, spans: u64) -> Value {
    let path = format!("/traces/{id}");
    let look = || async {
        let answer = service.client().get(service.admin, &path).await.expect("the operator's listener answers");
        Some(answer.json()).filter(|trace| trace["span_count"] == spans)
    };
    wait::until("the trace", SOON, look).await
}

/// The span that fits.
fn find<'t>(trace: &'t Value, what: &str, fits: impl Fn(&Value) -> bool) -> &'t Value {
    let spans = trace["spans"].as_array().expect("spans");
    spans.iter().find(|span| fits(span)).unwrap_or_else(|| panic!("{what} in {trace:#}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_and_the_call_it_makes_are_one_trace_without_a_collector() {
    let service = Service::start(&format!("{QUIET}service_name = \"shop\"\nsampling_rate = 0.0\n")).await;
    for (number, client, version) in [(1, Client::http1(), "1.1"), (2, Client::http2(), "2")] {
        let id = format!("0af7651916cd43dd8448eb211c80319{number}");
        let traceparent = format!("00-{id}-b7ad6b7169203331-01");
        let headers = [
            ("traceparent", traceparent.as_str()),
            ("user-agent", "tester"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
        ];
        let path = format!("/call?url=http://{}/ok&token=hunter2", service.server);
        let answer = client.send(service.server, Method::GET, &path, &headers, "").await.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());

        let trace = trace(&service, &id, 3).await;
        let server = &trace["spans"][0];
        assert_eq!((&server["operation_name"], &server["kind"]), (&"GET /call".into(), &"server".into()), "{trace:#}");
        assert_eq!(server["parent_span_id"], "b7ad6b7169203331");
        let attributes = &server["attributes"];
        for (key, value) in [
            ("http.route", "/call"),
            ("client.address", "203.0.113.9"),
            ("network.peer.address", "127.0.0.1"),
            ("network.protocol.version", version),
            ("url.scheme", "https"),
            ("server.address", "127.0.0.1"),
            ("user_agent.original", "tester"),
        ] {
            assert_eq!(attributes[key], value, "{key} in {trace:#}");
        }
        assert!(attributes["network.peer.port"].is_u64() && attributes["server.port"] == service.server.port());
        assert!(!trace.to_string().contains("hunter2"), "{trace:#}");
        let call = find(&trace, "the call", |span| span["kind"] == "client");
        assert_eq!(call["parent_span_id"], server["span_id"]);
        let called = find(&trace, "the request it made", |span| span["operation_name"] == "GET /ok");
        assert_eq!(called["parent_span_id"], call["span_id"]);
        assert_eq!((&trace["complete"], &trace["service"]), (&true.into(), &"shop".into()));
    }
    let listed = service.client().get(service.admin, "/traces?limit=1&status=unset").await.expect("an answer").json();
    let listed = listed["traces"].as_array().expect("traces");
    assert_eq!((listed.len(), &listed[0]["root_operation"]), (1, &"GET /call".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_in_its_trace_by_its_reason_and_the_traces_outlive_a_save() {
    let text = format!("{QUIET}sampling_rate = 1.0\n[limits]\nrequest_timeout = \"10ms\"\n");
    let service = Service::start(&text).await;
    let refused = service.get("/slow?ms=60000").await.expect("an answer").json();
    let id = refused["trace_id"].as_str().expect("a problem names its trace");
    let of_refused = trace(&service, id, 1).await;
    assert_eq!(of_refused["status"], "error", "{of_refused:#}");
    assert_eq!(of_refused["spans"][0]["attributes"]["error.type"], "timeout");
    service.save_by_rename(&text.replace("1.0", "0.0"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    assert_eq!(trace(&service, id, 1).await, of_refused);
    assert_eq!(service.get("/ok").await.expect("an answer").status, StatusCode::OK);
    let all = service.client().get(service.admin, "/traces?status=error&min_duration=10ms").await.expect("an answer");
    assert_eq!(all.json()["traces"].as_array().map(Vec::len), Some(1), "what is not recorded is not here");
}
