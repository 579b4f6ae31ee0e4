//! An operator holds a circuit breaker over HTTP.

use http::{Method, StatusCode};
use ops_tests::{
    client::{Answer, Client},
    service::{Service, QUIET, SOON},
    wait,
};
use serde_json::Value;

const JSON: (&str, &str) = ("content-type", "application/json");

async fn order(service: &Service, name: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let path = format!("/breakers/{name}");
    Client::http1().send(service.admin, Method::POST, &path, headers, body).await.expect("an answer")
}

async fn status(service: &Service) -> StatusCode {
    service.get("/ok").await.expect("an answer").status
}

/// What was written down of so many orders.
async fn audited(service: &Service, orders: usize) -> Vec<Value> {
    let written = || {
        let lines = service.process.log();
        let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        let fields = lines.filter(|line| line["event"] == "admin.breaker_forced").map(|line| line["fields"].clone());
        std::future::ready(Some(fields.collect::<Vec<_>>()).filter(|fields| fields.len() >= orders))
    };
    wait::until("the orders in the log", SOON, written).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breaker_forced_open_refuses_over_a_reload_until_it_is_let_go() {
    let mut text = format!("{QUIET}[breakers.shop]\nroutes = [\"/ok\"]\nfailure_threshold = 3\n");
    let service = Service::start(&text).await;
    assert_eq!(status(&service).await, StatusCode::OK);

    let forced = order(&service, "shop", &[JSON], r#"{"state":"forced_open","for":"1h"}"#).await;
    assert_eq!((forced.status, &forced.json()["state"]), (StatusCode::OK, &"forced_open".into()));
    let refused = service.get("/ok").await.expect("an answer");
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((3_000..=3_600).contains(&wait), "until the end of the order: {wait}");

    text = text.replace("failure_threshold = 3", "failure_threshold = 4");
    service.save_by_rename(&text);
    service.config_once("the save", |config| config["generation"] == 2).await;
    assert_eq!(status(&service).await, StatusCode::SERVICE_UNAVAILABLE, "a reload lets nobody go");
    let shown = Client::http1().get(service.admin, "/breakers/shop").await.expect("an answer").json();
    assert_eq!((&shown["state"], &shown["own_state"]), (&"forced_open".into(), &"closed".into()));

    let free = order(&service, "shop", &[JSON], r#"{"state":"auto"}"#).await.json();
    assert_eq!((&free["state"], &free["forced_until"]), (&"closed".into(), &Value::Null));
    assert_eq!(status(&service).await, StatusCode::OK);

    let said = audited(&service, 2).await;
    for (said, state) in said.iter().zip(["forced_open", "auto"]) {
        assert_eq!((&said["breaker"], &said["state"]), (&"shop".into(), &state.into()), "{said}");
        assert_eq!(said["guarded"], false);
        assert!(said["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{said}");
    }
    assert_eq!((&said[0]["until"], &said[1]["until"]), (&forced.json()["forced_until"], &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_taken_only_as_json_from_who_may_and_for_a_breaker_there_is() {
    let text = QUIET.replace("[admin]\n", "[admin]\ntoken = \"s3cret-of-the-test\"\n");
    let service = Service::start(&format!("{text}[breakers.shop]\nroutes = [\"/ok\"]\n")).await;
    let known = ("authorization", "Bearer s3cret-of-the-test");
    let open = r#"{"state":"forced_open"}"#;
    for (name, headers, body, expected) in [
        ("shop", &[JSON][..], open, StatusCode::UNAUTHORIZED),
        ("shop", &[known, ("content-type", "text/plain")], open, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("shop", &[known, JSON, ("origin", "https://evil.example")], open, StatusCode::FORBIDDEN),
        ("shpo", &[known, JSON], open, StatusCode::NOT_FOUND),
        ("shop", &[known, JSON], "{", StatusCode::BAD_REQUEST),
        ("shop", &[known, JSON], r#"{"state":"open"}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let refused = order(&service, name, headers, body).await;
        assert_eq!(refused.status, expected, "{name} {headers:?} {body}");
        assert_eq!(refused.text().contains("did you mean \\\"shop\\\"?"), expected == StatusCode::NOT_FOUND);
    }
    assert_eq!(status(&service).await, StatusCode::OK);
    let all = Client::http1().send(service.admin, Method::GET, "/breakers", &[known], "").await.expect("an answer");
    assert_eq!(all.json()["breakers"].as_array().map(Vec::len), Some(1), "none was made");

    assert_eq!(order(&service, "shop", &[known, JSON], open).await.status, StatusCode::OK);
    assert_eq!(status(&service).await, StatusCode::SERVICE_UNAVAILABLE);
    let said = audited(&service, 1).await;
    assert_eq!((said.len(), &said[0]["guarded"]), (1, &true.into()), "who was refused is not among them");
}
