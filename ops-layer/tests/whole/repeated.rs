//! Calls of another service: retry → breaker → client's span → client.

use crate::service::{answer, get, Running};
use ops_layer::{breaker::CircuitBreakerError, retry::RetryError};
use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};
use tower::{service_fn, ServiceBuilder, ServiceExt};

const SHOP: &str = "[retries.shop]\ninitial_backoff = \"1ms\"\n[breakers.shop]\nfailure_threshold = ";

#[tokio::test]
async fn each_attempt_is_asked_of_the_breaker_and_an_open_one_ends_them() {
    let running = Running::start(&format!("{SHOP}2\n")).await;
    let (ops, made) = (&running.ops, AtomicUsize::new(0));
    let client = ServiceBuilder::new()
        .layer(ops.retry("shop").expect("a retry").layer())
        .layer(ops.breaker("shop").expect("a breaker").layer())
        .layer(ops.client_layer())
        .service(service_fn(|_| async {
            made.fetch_add(1, SeqCst);
            Err::<http::Response<http_body_util::Full<bytes::Bytes>>, _>(io::Error::other("reset"))
        }));
    let ended = client.clone().oneshot(get("/")).await.map(drop);
    assert!(matches!(ended, Err(RetryError::Inner(CircuitBreakerError::Open { .. }))), "{ended:?}");
    assert_eq!(made.swap(0, SeqCst), 2, "the third attempt was not made");
    assert!(client.clone().oneshot(get("/")).await.is_err());
    assert_eq!(made.load(SeqCst), 0, "nor any other");

    running.save("[retries.shop]\ninitial_backoff = \"1ms\"\nmax_attempts = 5\n").await;
    assert!(client.oneshot(get("/")).await.is_err());
    assert_eq!(made.load(SeqCst), 5, "the file has no such breaker any more, and another number of attempts");
}

#[tokio::test]
async fn a_name_that_is_not_there_is_told_with_the_one_that_was_meant() {
    let running = Running::start(&format!("{SHOP}1\n")).await;
    let unknown = running.ops.retry("shpo").expect_err("no such retry");
    assert_eq!(unknown.to_string(), "ops.toml has no [retries.shpo]; did you mean \"shop\"?");
    let unknown = running.ops.breaker("database").expect_err("no such breaker");
    assert_eq!(unknown.to_string(), "ops.toml has no [breakers.database]");
    let answered = running.ops.retry("shop").expect("a retry").call(|| async { Ok::<_, io::Error>(answer(200)) }).await;
    assert!(answered.is_ok());
}
