//! Orders over the routes, good ones and hostile ones.

use super::{Order, Unfit, USUAL};
use crate::{
    admin::mechanism::{routes, Mechanisms},
    breaker::{BreakerSet, Circuits, Forced},
    pool::Pools,
    probe::{CheckError, HealthChecker, PoolPing},
};
use axum::{body::Body, extract::DefaultBodyLimit, Router};
use http::{header, Request, StatusCode};
use http_body_util::BodyExt;
use ops_config::section::CircuitBreakerConfig;
use serde_json::{json, Value};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tower::ServiceExt;

/// Two breakers in a plan that keeps them.
fn mechanisms() -> (Mechanisms, BreakerSet) {
    let circuits = Circuits::new();
    let names = ["shop", "payments"].map(|name| (name.parse().expect("a name"), CircuitBreakerConfig::default()));
    let set = BreakerSet::build(&BTreeMap::from(names), &circuits, None);
    set.put_in_force();
    let no_pools: PoolPing = Arc::new(|_| Box::pin(async { Err(CheckError::new("no pools")) }));
    (Mechanisms { circuits, pools: Pools::new(), health: HealthChecker::new("1.2.3", no_pools) }, set)
}

async fn send(mechanisms: &Mechanisms, request: http::request::Builder, body: impl Into<Body>) -> (StatusCode, Value) {
    let router: Router = routes(mechanisms.clone()).layer(DefaultBodyLimit::max(1 << 10));
    let answer = router.oneshot(request.body(body.into()).expect("a request")).await.expect("a router");
    let (status, kind) = (answer.status(), answer.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned());
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(kind == "application/problem+json", status != StatusCode::OK, "{status} {kind}");
    assert!(status == StatusCode::OK || body.len() < 400, "nothing is repeated");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

async fn force(mechanisms: &Mechanisms, name: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    send(mechanisms, Request::post(format!("/breakers/{name}")), body).await
}

async fn shown(mechanisms: &Mechanisms, name: &str) -> Value {
    send(mechanisms, Request::get(format!("/breakers/{name}")), "").await.1
}

#[tokio::test(start_paused = true)]
async fn an_order_is_answered_with_the_breaker_as_it_is_then_shown() {
    let (mechanisms, _set) = mechanisms();
    for (order, state, forced) in [
        (r#"{"state":"forced_open","for":"1h"}"#, "forced_open", "forced_open"),
        (r#" {"for":"1s","state":"closed"} "#, "forced_closed", "forced_closed"),
        (r#"{"state":"forced_open"}"#, "forced_open", "forced_open"),
        (r#"{"state":"auto"}"#, "closed", "auto"),
    ] {
        let (status, answer) = force(&mechanisms, "shop", order).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let told = (&answer["state"], &answer["own_state"], &answer["forced"]);
        assert_eq!(told, (&json!(state), &json!("closed"), &json!(forced)), "{order}");
        assert_eq!(answer["forced_until"].is_string(), forced != "auto", "{order}");
        let mut now = shown(&mechanisms, "shop").await;
        // The end is shown by the clock of the wall, while that of the test stands.
        now["forced_until"] = answer["forced_until"].clone();
        assert_eq!(now, answer);
        assert_eq!(shown(&mechanisms, "payments").await["forced"], "auto", "nobody else is");
    }
    let names = mechanisms.breakers().into_iter().map(|breaker| breaker.name).collect::<Vec<_>>();
    assert_eq!(names, ["payments", "shop"]);
}

#[tokio::test(start_paused = true)]
async fn an_order_ends_by_itself() {
    let (mechanisms, _set) = mechanisms();
    force(&mechanisms, "shop", r#"{"state":"forced_open","for":"1s"}"#).await;
    tokio::time::advance(Duration::from_millis(999)).await;
    assert_eq!(shown(&mechanisms, "shop").await["state"], "forced_open");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(shown(&mechanisms, "shop").await["state"], "closed");
}

#[tokio::test]
async fn an_unknown_name_is_not_found_whatever_the_body_says_and_makes_nothing() {
    let (mechanisms, _set) = mechanisms();
    for body in [r#"{"state":"forced_open"}"#, "{", "[]"] {
        let (status, answer) = force(&mechanisms, "shpo", body).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(answer["detail"], "there is no breaker \"shpo\"; did you mean \"shop\"?");
    }
    assert_eq!(force(&mechanisms, "%ff", r#"{"state":"auto"}"#).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(mechanisms.circuits.snapshots().len(), 2);
}

#[tokio::test]
async fn a_body_that_is_no_order_is_refused_with_what_was_expected_and_forces_nothing() {
    let (mechanisms, _set) = mechanisms();
    let deep = format!("{{\"state\":{}", "[".repeat(900));
    let closed_deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    let huge = format!("{{\"state\":\"{}\"}}", "x".repeat(2 << 10));
    let long = format!("{{\"state\":\"{}\"}}", "x".repeat(900));
    let (malformed, wrong) = (StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY);
    let (form, state, lasting) = ("expected an object of \"state\"", "\"closed\" or \"auto\" as \"state\"", "1s to 1d");
    for (body, expected, told) in [
        ("", malformed, form),
        ("{", malformed, form),
        (r#"{"state":"auto"} {}"#, malformed, form),
        ("{'state':'auto'}", malformed, form),
        ("state=auto", malformed, form),
        (&deep, malformed, form),
        (&closed_deep, malformed, form),
        (&huge, StatusCode::PAYLOAD_TOO_LARGE, form),
        ("null", wrong, form),
        (r#""auto""#, wrong, form),
        (r#"["forced_open","5m"]"#, wrong, form),
        ("{}", wrong, form),
        (r#"{"for":"5m"}"#, wrong, form),
        (r#"{"state":"forced_open","until":"5m"}"#, wrong, form),
        (r#"{"state":"forced_open","state":"auto"}"#, wrong, form),
        (r#"{"state":"open"}"#, wrong, state),
        (r#"{"state":"FORCED_OPEN"}"#, wrong, state),
        (r#"{"state":{"forced_open":null}}"#, wrong, state),
        (r#"{"state":1}"#, wrong, state),
        (&long, wrong, state),
        (r#"{"state":"forced_open","for":300}"#, wrong, lasting),
        (r#"{"state":"forced_open","for":"0s"}"#, wrong, lasting),
        (r#"{"state":"forced_open","for":"999ms"}"#, wrong, lasting),
        (r#"{"state":"closed","for":"25h"}"#, wrong, lasting),
        (r#"{"state":"closed","for":"-5m"}"#, wrong, lasting),
        (r#"{"state":"closed","for":"18446744073709551616d"}"#, wrong, lasting),
        (r#"{"state":"auto","for":"5m"}"#, wrong, "no \"for\" with \"auto\""),
    ] {
        let (status, answer) = force(&mechanisms, "shop", body.to_owned()).await;
        assert_eq!((status, answer["status"].as_u64()), (expected, Some(expected.as_u16().into())), "{body}");
        assert!(answer["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{body}: {answer}");
    }
    assert_eq!(force(&mechanisms, "shop", vec![0xff; 9]).await.0, malformed);
    assert_eq!(shown(&mechanisms, "shop").await["forced"], "auto");
}

#[test]
fn the_least_and_the_most_are_taken_and_five_minutes_are_usual() {
    let read = |body: &str| Order::read(body.as_bytes());
    let open = |lasting| Ok::<_, Unfit>(Order { forced: Forced::Open, lasting: Some(lasting) });
    assert_eq!(read(r#"{"state":"forced_open","for":"1s"}"#), open(Duration::from_secs(1)));
    assert_eq!(read(r#"{"state":"forced_open","for":"1d"}"#), open(Duration::from_hours(24)));
    for usual in [r#"{"state":"forced_open"}"#, r#"{"state":"forced_open","for":null}"#] {
        assert_eq!(read(usual), open(USUAL));
    }
    assert_eq!(USUAL, Duration::from_mins(5));
}
