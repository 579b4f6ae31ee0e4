//! The routes over parts of their own.

use super::{routes, Mechanisms};
use crate::{
    breaker::{BreakerSet, Circuits},
    pool::Pools,
    probe::{CheckError, HealthChecker, PoolPing},
};
use axum::{body::Body, Router};
use http::{header, Request, StatusCode};
use http_body_util::BodyExt;
use ops_config::section::CircuitBreakerConfig;
use std::{collections::BTreeMap, sync::Arc};
use tower::ServiceExt;

/// One breaker, "payments", in a plan that keeps it; no pool and no check.
fn mechanisms() -> (Mechanisms, BreakerSet) {
    let circuits = Circuits::new();
    let configs = BTreeMap::from([("payments".parse().expect("a name"), CircuitBreakerConfig::default())]);
    let set = BreakerSet::build(&configs, &circuits, None);
    set.put_in_force();
    let no_pools: PoolPing = Arc::new(|_| Box::pin(async { Err(CheckError::new("no pools")) }));
    (Mechanisms { circuits, pools: Pools::new(), health: HealthChecker::new("1.2.3", no_pools) }, set)
}

async fn ask(mechanisms: &Mechanisms, path: &str) -> (StatusCode, String, String) {
    let router: Router = routes(mechanisms.clone());
    let answer = router.oneshot(Request::get(path).body(Body::empty()).expect("a request")).await.expect("a router");
    let (status, kind) = (answer.status(), answer.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned());
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, kind, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn a_breaker_is_shown_with_its_fields_in_their_order() {
    let (mechanisms, _set) = mechanisms();
    let one = ask(&mechanisms, "/breakers/payments").await.2;
    let begins = r#"{"name":"payments","state":"closed","own_state":"closed","since":null,"retry_after_seconds":null,"#;
    let goes_on = r#""forced":"auto","forced_until":null,"mode":"enforce","epoch":0,"failures":0,"trials":0,"#;
    let and_on = r#""openings":0,"failure_rate":null,"slow_calls":null,"calls":{"cancelled":0,"failure":0,"#;
    assert!(one.starts_with(&[begins, goes_on, and_on].concat()), "{one}");
    assert!(one.contains(r#""transitions":[{"from":"closed","to":"open","count":0}"#), "{one}");
    assert_eq!(ask(&mechanisms, "/breakers").await.2, format!("{{\"breakers\":[{one}]}}"));
    assert_eq!(ask(&mechanisms, "/pools").await.2, "{\"pools\":[]}");
    assert_eq!(ask(&mechanisms, "/probes").await.2, "{\"probes\":[]}");
}

#[tokio::test]
async fn an_unknown_name_is_not_found_and_makes_nothing() {
    let (mechanisms, _set) = mechanisms();
    for (path, told) in [
        ("/breakers/paymnets", "there is no breaker \\\"paymnets\\\"; did you mean \\\"payments\\\"?"),
        ("/breakers/zzz", "there is no breaker \\\"zzz\\\""),
        ("/pools/main", "there is no pool \\\"main\\\""),
        ("/probes/%0Ahi%3C", "there is no check \\\"\\\\nhi<\\\""),
    ] {
        let (status, kind, body) = ask(&mechanisms, path).await;
        assert_eq!((status, kind.as_str()), (StatusCode::NOT_FOUND, "application/problem+json"), "{path}");
        assert!(body.contains(told), "{body}");
    }
    assert_eq!(mechanisms.circuits.snapshots().len(), 1);
}

#[tokio::test]
async fn a_name_that_can_be_none_is_not_repeated() {
    let (mechanisms, _set) = mechanisms();
    for name in ["%ff".to_owned(), "%C3%28".to_owned(), "x".repeat(10_000)] {
        for kind in ["breakers", "pools", "probes"] {
            let (status, form, body) = ask(&mechanisms, &format!("/{kind}/{name}")).await;
            assert_eq!((status, form.as_str()), (StatusCode::BAD_REQUEST, "application/problem+json"), "{name}");
            assert!(body.len() < 200, "{body}");
        }
    }
}
