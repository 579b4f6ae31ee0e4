//! What a caller gets when the stack does not let a request through.

use crate::service::{answer, get, text, Running};
use serde_json::Value;
use std::{convert::Infallible, future::pending};
use tower::ServiceExt;

async fn problem<B>(response: http::Response<B>, status: u16, reason: &str) -> Value
where
    B: http_body::Body<Data = bytes::Bytes>,
    B::Error: std::fmt::Debug,
{
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_str(&text(response).await.expect("a body")).expect("JSON");
    assert_eq!(problem["reason"], reason);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["trace_id"].as_str().map(str::len), Some(32), "{problem}");
    problem
}

#[tokio::test]
async fn an_open_circuit_refuses_with_the_time_to_come_again() {
    let running =
        Running::start("breakers.all = { routes = [\"/**\"], failure_threshold = 1, reset_timeout = \"1h\" }\n").await;
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(500)) });
    let first = stack.clone().oneshot(get("/")).await.expect("infallible");
    assert_eq!(first.status(), 500);
    let second = stack.oneshot(get("/")).await.expect("infallible");
    assert_eq!(second.headers()["retry-after"], "3600");
    let problem = problem(second, 503, "circuit_open").await;
    assert_eq!(problem["detail"], "circuit breaker all is open");
}

#[tokio::test]
async fn too_many_at_once_are_refused_until_a_body_has_ended() {
    let running = Running::start("limits.max_in_flight = 1\n").await;
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(200)) });
    let streaming = stack.clone().oneshot(get("/")).await.expect("infallible");
    problem(stack.clone().oneshot(get("/")).await.expect("infallible"), 503, "overloaded").await;
    drop(streaming);
    assert_eq!(stack.oneshot(get("/")).await.expect("infallible").status(), 200);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_504() {
    let running = Running::start("limits.request_timeout = \"20ms\"\n").await;
    let stack = running.around(|_| pending::<Result<_, Infallible>>());
    problem(stack.oneshot(get("/")).await.expect("infallible"), 504, "timeout").await;
}

#[tokio::test]
async fn who_comes_too_fast_is_told_when_to_come_again_and_no_save_forgets_what_was_spent() {
    let rate = |more: &str| format!("[limits.rates.api]\nroutes = [\"/api/**\"]\nperiod = \"1h\"\n{more}\n");
    let running = Running::start(&rate("rate = 2")).await;
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(500)) });
    let ask = || async { stack.clone().oneshot(get("/api/x")).await.expect("infallible") };
    assert_eq!([ask().await.status(), ask().await.status()], [500, 500], "the service's own");
    let refused = ask().await;
    // Half an hour, less what has passed since.
    let wait: u64 = refused.headers()["retry-after"].to_str().expect("a number").parse().expect("a number");
    assert!((1700..=1800).contains(&wait), "{wait}");
    let problem = problem(refused, 429, "rate_limited").await;
    assert_eq!(problem["detail"], "requests come faster than rate api allows");
    assert_eq!(stack.clone().oneshot(get("/other")).await.expect("infallible").status(), 500);

    running.save(&rate("rate = 2\nmode = \"off\"")).await;
    assert_eq!(ask().await.status(), 500);
    running.save(&rate("rate = 1000\nburst = 3\nkey = \"all\"")).await;
    assert_eq!([ask().await.status(), ask().await.status()], [500, 429], "three in the bucket, two of them spent");
}

#[tokio::test]
async fn a_limit_may_have_a_mode_of_its_own() {
    let limits = |modes: &str| format!("limits = {{ max_in_flight = 1, request_timeout = \"20ms\", {modes} }}\n");
    let running = Running::start(&limits("modes = { max_in_flight = \"observe\" }")).await;
    let stack = running.around(|_| pending::<Result<_, Infallible>>());
    let mut first = Box::pin(stack.clone().oneshot(get("/")));
    assert!(futures_util::poll!(&mut first).is_pending());
    problem(stack.clone().oneshot(get("/")).await.expect("infallible"), 504, "timeout").await;
    running.save(&limits("mode = \"off\", modes = { max_in_flight = \"enforce\" }")).await;
    problem(stack.oneshot(get("/")).await.expect("infallible"), 503, "overloaded").await;
}

#[tokio::test]
async fn a_partition_answers_503_and_a_drop_cuts_the_body_before_its_first_byte() {
    let chaos = |fault: &str| format!("[chaos]\nenabled = true\n[chaos.network]\n{fault}\n");
    let running = Running::start(&chaos("partition = true")).await;
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(200)) });
    problem(stack.clone().oneshot(get("/")).await.expect("infallible"), 503, "chaos").await;
    running.save(&chaos("drop_rate = 1.0")).await;
    let dropped = stack.clone().oneshot(get("/")).await.expect("infallible");
    assert_eq!(text(dropped).await.expect_err("a cut body").to_string(), "chaos: the connection is closed");
    running.save("").await;
    assert_eq!(stack.oneshot(get("/")).await.expect("infallible").status(), 200);
}

#[tokio::test]
async fn observing_lets_pass_what_enforcing_refuses() {
    let running = Running::start("limits = { max_in_flight = 1, mode = \"observe\" }\n").await;
    let stack = running.around(|_| async { Ok::<_, Infallible>(answer(200)) });
    let first = stack.clone().oneshot(get("/")).await.expect("infallible");
    assert_eq!(stack.oneshot(get("/")).await.expect("infallible").status(), 200);
    drop(first);
}
