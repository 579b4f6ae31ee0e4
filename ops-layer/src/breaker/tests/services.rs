//! Breakers in the stack, on a paused clock.

use super::config;
use crate::{
    breaker::{BreakerService, BreakerSet, CallOutcome, CircuitState, Circuits},
    call::{
        sample::{call, pinned, poll_once, soon, status, Mock},
        Call, Pinned,
    },
    clock::Moment,
    refusal::{Fault, Refusal},
};
use ops_config::section::{CircuitBreakerConfig, Mode};
use std::{
    collections::BTreeMap,
    future::Future,
    panic::{catch_unwind, AssertUnwindSafe},
    task::Poll,
    time::Duration,
};
use tokio::time::advance;
use tower::{service_fn, Service};

struct Plan(BreakerSet);

impl AsRef<BreakerSet> for Plan {
    fn as_ref(&self) -> &BreakerSet {
        &self.0
    }
}

fn plan(config: &CircuitBreakerConfig, answer_within: Option<Duration>) -> Pinned<Plan> {
    let configs = BTreeMap::from([("b".parse().expect("a name"), config.clone())]);
    pinned(Plan(BreakerSet::build(&configs, &Circuits::new(), answer_within)))
}

fn state(plan: &Pinned<Plan>) -> CircuitState {
    plan.plan.0.get("b").expect("the breaker").circuit().state()
}

fn calls(plan: &Pinned<Plan>, outcome: CallOutcome) -> u64 {
    let snapshot = plan.plan.0.get("b").expect("the breaker").snapshot(Moment::now());
    snapshot.calls.into_iter().find(|(known, _)| *known == outcome).expect("each outcome").1
}

/// One call with its answer.
async fn answered(
    service: &mut BreakerService<Mock<()>>,
    mock: &Mock<()>,
    plan: &Pinned<Plan>,
    answer: crate::call::sample::Answer<()>,
) {
    let response = service.call(call(plan, "/"));
    mock.answer(answer);
    let _ = soon(response).await;
}

#[tokio::test(start_paused = true)]
async fn it_opens_refuses_tries_and_closes() {
    let (mock, plan) = (Mock::new(), plan(&config(2, 1000), None));
    let mut service = BreakerService::new(mock.clone());
    answered(&mut service, &mock, &plan, Ok(status(500))).await;
    answered(&mut service, &mock, &plan, Err(Fault::Inner("no connection"))).await;
    assert_eq!(state(&plan), CircuitState::Open);

    advance(Duration::from_millis(400)).await;
    let refused = soon(service.call(call(&plan, "/"))).await;
    let expected =
        Refusal::CircuitOpen { breaker: "b".parse().expect("a name"), retry_after: Some(Duration::from_millis(600)) };
    assert!(matches!(refused, Err(Fault::Refused(refusal)) if refusal == expected));
    assert!(mock.next().is_none(), "a refused call does not reach the service");

    advance(Duration::from_millis(600)).await;
    let trial = service.call(call(&plan, "/"));
    let second = soon(service.call(call(&plan, "/"))).await;
    assert!(matches!(second, Err(Fault::Refused(Refusal::CircuitOpen { retry_after: None, .. }))));
    mock.answer(Ok(status(404)));
    assert!(soon(trial).await.is_ok());
    assert_eq!(state(&plan), CircuitState::Closed);
    assert_eq!([CallOutcome::Success, CallOutcome::Failure, CallOutcome::Refused].map(|o| calls(&plan, o)), [1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_chaos_is_a_failure_and_a_refusal_of_ours_is_not() {
    for (refusal, expected) in [
        (Refusal::Dropped, CircuitState::Open),
        (Refusal::Partitioned, CircuitState::Open),
        (Refusal::Overloaded, CircuitState::Closed),
        (Refusal::CircuitOpen { breaker: "x".parse().expect("a name"), retry_after: None }, CircuitState::Closed),
    ] {
        let (mock, plan) = (Mock::new(), plan(&config(1, 1000), None));
        answered(&mut BreakerService::new(mock.clone()), &mock, &plan, Err(Fault::Refused(refusal))).await;
        assert_eq!(state(&plan), expected);
    }
}

/// Feature: production-excellence, Property 23: a call dropped in time is no verdict, one that was
/// dropped when its time was up has failed.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_fails_only_when_its_time_was_up() {
    for (waited, expected, outcome) in
        [(999, CircuitState::Closed, CallOutcome::Cancelled), (1000, CircuitState::Open, CallOutcome::Failure)]
    {
        let (mock, plan) = (Mock::<()>::new(), plan(&config(1, 5000), Some(Duration::from_secs(1))));
        let mut response = BreakerService::new(mock.clone()).call(call(&plan, "/"));
        assert!(poll_once(&mut response).await.is_pending());
        advance(Duration::from_millis(waited)).await;
        drop(response);
        assert_eq!((state(&plan), calls(&plan, outcome)), (expected, 1));
    }
}

/// Feature: production-excellence, Property 23: a panic of the callee gives the slot back, as a failure.
#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure() {
    let plan = plan(&config(1, 1000), None);
    let panics = service_fn(|call: Call<Plan, ()>| async move {
        assert_ne!(call.path(), "/", "the service is broken");
        Ok::<_, Fault<&'static str>>(status::<()>(200))
    });
    let mut service = BreakerService::new(panics);
    for _ in 0..2 {
        let mut response = Box::pin(service.call(call(&plan, "/")));
        let polled = {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let poll = || response.as_mut().poll(&mut context).is_ready();
            catch_unwind(AssertUnwindSafe(poll))
        };
        assert!(polled.is_err());
        drop(response);
        assert_eq!(state(&plan), CircuitState::Open);
        // Half-open for the second: its slot comes back as well, and it opens again.
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(calls(&plan, CallOutcome::Failure), 2);
}

#[tokio::test(start_paused = true)]
async fn observe_refuses_nothing_and_counts_what_it_would() {
    let observed = CircuitBreakerConfig { mode: Mode::Observe, ..config(1, 1000) };
    let (mock, plan) = (Mock::new(), plan(&observed, None));
    let mut service = BreakerService::new(mock.clone());
    answered(&mut service, &mock, &plan, Ok(status(503))).await;
    assert_eq!(state(&plan), CircuitState::Open);
    // Passes, and its success does not close the circuit: it was no trial.
    answered(&mut service, &mock, &plan, Ok(status(200))).await;
    assert_eq!((state(&plan), calls(&plan, CallOutcome::WouldRefuse)), (CircuitState::Open, 1));
    advance(Duration::from_secs(1)).await;
    answered(&mut service, &mock, &plan, Ok(status(200))).await;
    assert_eq!(state(&plan), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn off_judges_nothing() {
    let off = CircuitBreakerConfig { mode: Mode::Off, ..config(1, 1000) };
    let (mock, plan) = (Mock::new(), plan(&off, None));
    answered(&mut BreakerService::new(mock.clone()), &mock, &plan, Ok(status(503))).await;
    assert_eq!(state(&plan), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_refused_response_taken_twice_stays_pending() {
    let plan = plan(&config(1, 1000), None);
    let (mock, mut service) = (Mock::new(), BreakerService::new(Mock::<()>::new()));
    answered(&mut BreakerService::new(mock.clone()), &mock, &plan, Ok(status(500))).await;
    let mut refused = service.call(call(&plan, "/"));
    assert!(matches!(poll_once(&mut refused).await, Poll::Ready(Err(Fault::Refused(_)))));
    assert!(poll_once(&mut refused).await.is_pending());
}
