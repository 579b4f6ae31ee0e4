use super::filter;
use crate::telemetry::trace::{RecentTraces, SpanStatus, TraceFilter};
use crate::telemetry::Telemetry;
use axum::{body::Body, Router};
use http::{header, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::Duration;
use tower::ServiceExt;

async fn ask(traces: &RecentTraces, path: &str) -> (StatusCode, String, Value) {
    let router: Router = super::routes(traces.clone());
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let answer = router.oneshot(request).await.expect("a router cannot fail");
    let (status, kind) = (answer.status(), answer.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned());
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, kind, serde_json::from_slice(&body).expect("JSON"))
}

fn asked(query: &str) -> Result<TraceFilter, String> {
    filter(&format!("/traces?{query}").parse().expect("an address"))
}

#[test]
fn a_question_says_which_traces_are_wanted() {
    assert_eq!(asked(""), Ok(TraceFilter::default()));
    let all = asked("limit=256&min_duration=250ms&status=error&route=%2Fitems%2F%7Bid%7D");
    let expected = TraceFilter {
        limit: 256,
        min_duration: Duration::from_millis(250),
        status: Some(SpanStatus::Error),
        route: Some("/items/{id}".to_owned()),
    };
    assert_eq!(all, Ok(expected));
}

#[tokio::test]
async fn a_wrong_question_is_answered_with_the_right_one() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let traces = telemetry.recent_traces();
    for (query, taught) in [
        ("limit=0", "limit=0: expected a whole number from 1 to 256, such as limit=20"),
        ("limit=257", "limit=257: expected a whole number from 1 to 256, such as limit=20"),
        ("limit=many", "limit=many: expected a whole number from 1 to 256, such as limit=20"),
        ("min_duration=250", "min_duration=250: expected a time from 0s to 1d, such as \"30s\""),
        ("status=500", "status=500: expected error, ok or unset"),
        ("route=items", "route=items: expected a route as the service has it, such as route=/items/{id}"),
        ("service=shop", "service is not known here: limit, min_duration, status and route are"),
    ] {
        let (status, kind, body) = ask(traces, &format!("/traces?{query}")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::BAD_REQUEST, "application/problem+json"), "{query}");
        assert_eq!(body["detail"], taught);
    }
}

#[tokio::test]
async fn a_trace_is_asked_for_by_its_id() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let traces = telemetry.recent_traces();
    assert_eq!(ask(traces, "/traces").await.2, serde_json::json!({ "traces": [] }));
    let unknown = ask(traces, "/traces/0af7651916cd43dd8448eb211c80319c").await;
    assert_eq!((unknown.0, unknown.1.as_str()), (StatusCode::NOT_FOUND, "application/problem+json"));
    for malformed in
        ["1", "00000000000000000000000000000000", "0af7651916cd43dd8448eb211c80319", "+af7651916cd43dd8448eb211c80319c"]
    {
        let (status, kind, _) = ask(traces, &format!("/traces/{malformed}")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::BAD_REQUEST, "application/problem+json"), "{malformed}");
    }
}
