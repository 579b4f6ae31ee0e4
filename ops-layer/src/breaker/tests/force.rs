//! A circuit that an operator holds.

use super::{config, set};
use crate::breaker::{CallOutcome, CircuitBreakerError, CircuitState, Circuits, Forced, UnknownBreaker, Verdict};
use ops_config::section::{CircuitBreakerConfig, Mode};
use std::{io, time::Duration};
use tokio::time::advance;

fn circuits(config: &CircuitBreakerConfig) -> Circuits {
    let circuits = Circuits::new();
    set(config, &circuits).put_in_force();
    circuits
}

const MINUTE: Option<Duration> = Some(Duration::from_mins(1));

#[tokio::test(start_paused = true)]
async fn held_open_it_refuses_until_the_end_and_goes_on_where_it_was() {
    let circuits = circuits(&config(1, 1000));
    let breaker = circuits.breaker("b").expect("the breaker");
    let snapshot = circuits.force("b", Forced::Open, MINUTE).expect("the breaker");
    assert_eq!((snapshot.label(), snapshot.state, snapshot.forced_for), ("forced_open", CircuitState::Closed, MINUTE));
    advance(Duration::from_secs(20)).await;
    let refused = breaker.call(async { Ok::<_, ()>(1) }).await;
    let retry_after = Some(Duration::from_secs(40));
    assert_eq!(refused, Err(CircuitBreakerError::Open { breaker: breaker.name().clone(), retry_after }));
    // Reloads leave it, and so do edits of what it goes by.
    set(&config(7, 50), &circuits).put_in_force();
    assert!(breaker.call(async { Ok::<_, ()>(1) }).await.is_err());
    advance(Duration::from_secs(40)).await;
    assert_eq!(breaker.call(async { Ok::<_, ()>(1) }).await, Ok(1), "its end needs nobody");
    assert_eq!(circuits.snapshot("b").expect("the breaker").label(), "closed");
}

#[tokio::test(start_paused = true)]
async fn held_closed_it_passes_what_the_state_below_would_refuse() {
    let circuits = circuits(&config(1, 600_000));
    let breaker = circuits.breaker("b").expect("the breaker");
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    breaker.force(Forced::Closed, None).expect("the breaker");
    for _ in 0..5 {
        assert_eq!(breaker.call(async { Err::<(), _>("no") }).await, Err(CircuitBreakerError::Inner("no")));
    }
    let snapshot = breaker.snapshot().expect("the breaker");
    assert_eq!((snapshot.label(), snapshot.state, snapshot.forced_for), ("forced_closed", CircuitState::Open, None));
    breaker.force(Forced::Auto, None).expect("the breaker");
    assert!(matches!(breaker.call(async { Ok::<_, ()>(()) }).await, Err(CircuitBreakerError::Open { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_an_error_and_makes_nothing() {
    let circuits = circuits(&config(1, 1000));
    assert_eq!(circuits.force("c", Forced::Open, None).err(), Some(UnknownBreaker("c".to_owned())));
    assert!(circuits.breaker("c").is_none() && circuits.snapshot("c").is_none());
    assert_eq!(circuits.snapshots().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn observed_it_refuses_nobody_even_held_open() {
    let circuits = circuits(&CircuitBreakerConfig { mode: Mode::Observe, ..config(1, 1000) });
    circuits.force("b", Forced::Open, None).expect("the breaker");
    let breaker = circuits.breaker("b").expect("the breaker");
    assert_eq!(breaker.call(async { Ok::<_, ()>(1) }).await, Ok(1));
    let calls = circuits.snapshot("b").expect("the breaker").calls;
    assert!(calls.contains(&(CallOutcome::WouldRefuse, 1)), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn its_changes_are_heard_and_remembered() {
    let circuits = circuits(&config(1, 1000));
    let breaker = circuits.breaker("b").expect("the breaker");
    let mut changes = breaker.changes().expect("the breaker");
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    advance(Duration::from_secs(1)).await;
    assert!(breaker.call(async { Ok::<_, ()>(()) }).await.is_ok());
    let heard: Vec<_> = std::iter::from_fn(|| changes.try_next()).map(|change| (change.from, change.to)).collect();
    let (closed, open, half) = (CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen);
    assert_eq!(heard, [(closed, open), (open, half), (half, closed)]);
    let snapshot = breaker.snapshot().expect("the breaker");
    assert_eq!((snapshot.recent.len(), snapshot.epoch, snapshot.since.is_some()), (3, 3, true));
}

#[tokio::test(start_paused = true)]
async fn a_function_says_what_counts() {
    let breaker = circuits(&config(1, 1000)).breaker("b").expect("the breaker");
    let missing = || async { Err::<(), _>(io::ErrorKind::NotFound) };
    let judge = |result: &Result<(), io::ErrorKind>| match result {
        Err(io::ErrorKind::NotFound) => Verdict::Ignored,
        Err(_) => Verdict::Failure,
        Ok(()) => Verdict::Success,
    };
    assert!(breaker.call_with(missing(), judge).await.is_err());
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert!(breaker.call(missing()).await.is_err());
    assert_eq!(breaker.state(), CircuitState::Open);
    // Half-open, what is ignored gives its slot back and decides nothing.
    advance(Duration::from_secs(1)).await;
    assert!(breaker.call_with(missing(), judge).await.is_err());
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert!(breaker.call_with(async { Ok(()) }, judge).await.is_ok());
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_client_of_http_is_judged_by_status_and_grpc_status() {
    use tower::{service_fn, Layer, Service};
    for (status, grpc, expected) in [
        (503, None, CircuitState::Open),
        (404, None, CircuitState::Closed),
        (200, Some("14"), CircuitState::Open),
        (200, Some("5"), CircuitState::Closed),
        (200, Some("-1"), CircuitState::Closed),
    ] {
        let breaker = circuits(&config(1, 1000)).breaker("b").expect("the breaker");
        let answer = move |()| async move {
            let response = http::Response::builder().status(status);
            let response = grpc.into_iter().fold(response, |response, code| response.header("grpc-status", code));
            Ok::<_, ()>(response.body(()).expect("a response"))
        };
        assert!(breaker.http_layer().layer(service_fn(answer)).call(()).await.is_ok());
        assert_eq!(breaker.state(), expected, "{status} {grpc:?}");
    }
}
