//! A breaker in code.

use super::{config, set};
use crate::breaker::{BreakerSet, CircuitBreakerError, CircuitState, Circuits};
use ops_config::section::CircuitBreakerConfig;
use std::{collections::BTreeMap, error::Error, future::pending, io, time::Duration};
use tokio::time::{advance, timeout};
use tower::{service_fn, Layer, Service, ServiceExt};

fn circuits(config: &CircuitBreakerConfig) -> Circuits {
    let circuits = Circuits::new();
    set(config, &circuits).put_in_force();
    circuits
}

#[tokio::test(start_paused = true)]
async fn calls_are_refused_while_it_is_open_and_tried_again_after() {
    let breaker = circuits(&config(2, 1000)).breaker("b").expect("the breaker");
    for _ in 0..2 {
        let failed = breaker.call(async { Err::<(), _>("no") }).await;
        assert_eq!(failed, Err(CircuitBreakerError::Inner("no")));
    }
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(Duration::from_millis(250)).await;
    let refused = breaker.call(async { Ok::<_, ()>(1) }).await;
    let retry_after = Some(Duration::from_millis(750));
    assert_eq!(refused, Err(CircuitBreakerError::Open { breaker: breaker.name().clone(), retry_after }));
    advance(Duration::from_millis(750)).await;
    assert_eq!(breaker.call(async { Ok::<_, ()>(2) }).await, Ok(2));
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_trial_is_no_verdict() {
    let breaker = circuits(&config(1, 1000)).breaker("b").expect("the breaker");
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    advance(Duration::from_secs(1)).await;
    assert!(timeout(Duration::from_millis(1), breaker.call(pending::<Result<(), ()>>())).await.is_err());
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert!(breaker.call(async { Ok::<_, ()>(()) }).await.is_ok());
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_handle_follows_reloads_and_lets_pass_once_the_breaker_is_gone() {
    let circuits = circuits(&config(100, 1000));
    let breaker = circuits.breaker("b").expect("the breaker");
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    set(&config(2, 1000), &circuits).put_in_force();
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    assert_eq!(breaker.state(), CircuitState::Open, "the first failure still counts");

    BreakerSet::build(&BTreeMap::new(), &circuits, None).put_in_force();
    assert!(circuits.breaker("b").is_none() && circuits.snapshots().is_empty());
    assert_eq!(breaker.call(async { Ok::<_, ()>(1) }).await, Ok(1));

    set(&config(1, 1000), &circuits).put_in_force();
    assert!(breaker.call(async { Err::<(), ()>(()) }).await.is_err());
    assert_eq!(breaker.state(), CircuitState::Open, "the old handle follows the breaker that came back");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_in_force_has_no_handle() {
    let circuits = circuits(&config(1, 1000));
    assert!(circuits.breaker("d").is_none());
    // Built, but never put in force: a rejected reload.
    let configs = BTreeMap::from([("d".parse().expect("a name"), config(1, 1000))]);
    drop(BreakerSet::build(&configs, &circuits, None));
    assert!(circuits.breaker("d").is_none());
}

#[tokio::test(start_paused = true)]
async fn it_is_a_layer_for_clients_of_any_request() {
    let breaker = circuits(&config(1, 1000)).breaker("b").expect("the breaker");
    let halve = |n: u32| async move { n.is_multiple_of(2).then_some(n / 2).ok_or(io::ErrorKind::InvalidInput) };
    let mut client = breaker.layer().layer(service_fn(halve));
    assert_eq!(client.ready().await.expect("ready").call(4).await, Ok(2));
    assert_eq!(client.call(3).await, Err(CircuitBreakerError::Inner(io::ErrorKind::InvalidInput)));
    assert!(matches!(client.call(4).await, Err(CircuitBreakerError::Open { .. })));
}

#[test]
fn an_error_says_one_cause_and_leads_to_the_next() {
    let inner = CircuitBreakerError::Inner(io::Error::other("reset by peer"));
    assert_eq!(inner.to_string(), "the call failed");
    assert_eq!(inner.source().expect("a source").to_string(), "reset by peer");
    let open = CircuitBreakerError::<io::Error>::Open { breaker: "b".parse().expect("a name"), retry_after: None };
    assert_eq!(open.to_string(), "circuit breaker b is open");
    assert!(open.source().expect("a source").is::<crate::refusal::NotMade>(), "who repeats calls looks for it");
}
