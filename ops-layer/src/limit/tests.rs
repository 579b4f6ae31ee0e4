//! What must hold of the load limit.

use super::{LimitPlan, LimitService, LoadLimit, Permit};
use crate::{
    call::sample::{call, pinned, soon, status, Mock},
    refusal::{Fault, Refusal},
};
use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use ops_config::{
    section::{LimitsConfig, Mode},
    value::Count,
};
use proptest::{collection::vec, prelude::*};
use std::thread;
use tower::Service;

struct Plan(LimitPlan);

impl AsRef<LimitPlan> for Plan {
    fn as_ref(&self) -> &LimitPlan {
        &self.0
    }
}

fn plan(bound: u64, mode: Mode, limit: &LoadLimit) -> LimitPlan {
    let max_in_flight = Count::try_from(bound).expect("a bound");
    LimitPlan::build(&LimitsConfig { max_in_flight, mode, ..LimitsConfig::default() }, limit)
}

#[derive(Clone, Debug)]
enum Event {
    Admit,
    End(usize),
    Reload(u64, Mode),
}

fn event() -> impl Strategy<Value = Event> {
    let mode = prop_oneof![4 => Just(Mode::Enforce), 1 => Just(Mode::Observe), 1 => Just(Mode::Off)];
    prop_oneof![
        4 => Just(Event::Admit),
        2 => any::<usize>().prop_map(Event::End),
        1 => (1_u64..8, mode).prop_map(|(bound, mode)| Event::Reload(bound, mode)),
    ]
}

proptest! {
    /// Feature: production-excellence, Property 23: the count of permits is that of the requests that
    /// hold one, over any sequence of requests, ends and reloads, and the newest bound decides at once.
    #[test]
    fn the_count_is_that_of_the_permits(events in vec(event(), 1..200)) {
        let limit = LoadLimit::new();
        let (mut bound, mut mode) = (4, Mode::Enforce);
        let mut held: Vec<Permit> = Vec::new();
        let (mut refused, mut would_refuse) = (0, 0);
        for event in events {
            match event {
                Event::Admit => {
                    let full = held.len() as u64 >= bound;
                    let admitted = plan(bound, mode, &limit).admit();
                    prop_assert_eq!(admitted.is_err(), full && mode == Mode::Enforce);
                    refused += u64::from(full && mode == Mode::Enforce);
                    would_refuse += u64::from(full && mode == Mode::Observe);
                    held.extend(admitted.ok().flatten());
                }
                Event::End(which) => if !held.is_empty() {
                    drop(held.swap_remove(which % held.len()));
                }
                Event::Reload(next_bound, next_mode) => (bound, mode) = (next_bound, next_mode),
            }
            let snapshot = limit.snapshot();
            let expected = (held.len() as u64, refused, would_refuse);
            prop_assert_eq!((snapshot.held, snapshot.refused, snapshot.would_refuse), expected);
        }
    }
}

#[test]
fn threads_never_hold_more_than_the_bound_and_give_all_back() {
    let limit = LoadLimit::new();
    let plan = plan(3, Mode::Enforce, &limit);
    let worker = || {
        for _ in 0..2000 {
            let permit = plan.admit();
            assert!(limit.snapshot().held <= 3);
            drop(permit);
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(worker))));
    assert_eq!(limit.snapshot().held, 0);
}

/// Feature: production-excellence, Property 23: a permit lasts until the body has ended, and comes
/// back with an error, a refusal from below and a call that is dropped.
#[tokio::test(start_paused = true)]
async fn a_permit_lasts_as_long_as_its_request() {
    let limit = LoadLimit::new();
    let plan = pinned(Plan(plan(1, Mode::Enforce, &limit)));
    let mock = Mock::<Full<Bytes>>::new();
    let mut service = LimitService::new(mock.clone());

    let response = service.call(call(&plan, "/"));
    assert!(matches!(soon(service.call(call(&plan, "/"))).await, Err(Fault::Refused(Refusal::Overloaded))));
    mock.answer(Ok(Response::new(Full::new(Bytes::from_static(b"body")))));
    let response = soon(response).await.expect("a response");
    assert_eq!(limit.snapshot().held, 1, "the head is ready, the body is not");
    response.into_body().collect().await.expect("a body");
    assert_eq!(limit.snapshot().held, 0);

    let response = service.call(call(&plan, "/"));
    mock.answer(Ok(Response::new(Full::new(Bytes::from_static(b"body")))));
    drop(soon(response).await);
    assert_eq!(limit.snapshot().held, 0, "a body nobody wants");

    let response = service.call(call(&plan, "/"));
    mock.answer(Ok(status(204)));
    let response = soon(response).await.expect("a response");
    assert_eq!(limit.snapshot().held, 0, "no body at all");
    drop(response);

    let response = service.call(call(&plan, "/"));
    mock.answer(Err(Fault::Inner("no connection")));
    let _ = soon(response).await;
    assert_eq!(limit.snapshot().held, 0);

    let response = service.call(call(&plan, "/"));
    assert_eq!(limit.snapshot().held, 1);
    drop(response);
    assert_eq!(limit.snapshot().held, 0);
}
