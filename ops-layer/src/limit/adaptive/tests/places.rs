//! Places come back however a request ends.

use super::super::{AdaptiveLimit, AdaptivePlan, AdaptiveService};
use crate::{
    call::sample::{call, pinned, soon, Mock},
    clock::Moment,
    refusal::{Fault, Refusal},
};
use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use proptest::{collection::vec, prelude::*};
use std::{panic, time::Duration};
use tower::Service;

struct Plan(AdaptivePlan);

impl AsRef<AdaptivePlan> for Plan {
    fn as_ref(&self) -> &AdaptivePlan {
        &self.0
    }
}

fn plan(table: &str, limit: &AdaptiveLimit) -> AdaptivePlan {
    AdaptivePlan::build(&toml::from_str(table).expect("a valid section"), limit)
}

proptest! {
    /// Feature: production-excellence, Property 23: over any requests, ends and reloads, as many places are
    /// held as there are requests that hold one, and the bound decides at once.
    #[test]
    fn as_many_are_held_as_there_are(events in vec((0_u8..10, any::<usize>(), 1_u64..9), 1..200)) {
        let limit = AdaptiveLimit::new();
        let (mut ceiling, mut mode) = (4, "enforce");
        let (mut held, mut now) = (Vec::new(), Moment::from_nanos(1));
        for (event, which, number) in events {
            now = now.plus(Duration::from_millis(number));
            let text = format!("[adaptive]\nfloor = {ceiling}\nceiling = {ceiling}\nmode = \"{mode}\"\n");
            match event {
                0..5 => {
                    let full = held.len() as u64 >= ceiling && mode == "enforce";
                    let admitted = plan(&text, &limit).admit(now);
                    prop_assert_eq!(admitted.is_err(), full);
                    held.extend(admitted.ok().flatten());
                }
                5..9 if !held.is_empty() => {
                    let mut place = held.swap_remove(which % held.len());
                    match event {
                        5 => place.settle(true, now),
                        6 => place.settle(false, now),
                        7 => place.ignore(),
                        _ => {
                            let panicked = panic::catch_unwind(panic::AssertUnwindSafe(|| {
                                let _place = place;
                                panic::resume_unwind(Box::new(()));
                            }));
                            prop_assert!(panicked.is_err());
                        }
                    }
                }
                _ => (ceiling, mode) = (number, ["enforce", "observe", "off"][which % 3]),
            }
            prop_assert_eq!(limit.snapshot().held, held.len() as u64);
        }
    }
}

/// Feature: production-excellence, Property 23: a place lasts until the response begins, and comes back with an
/// error and a call that is dropped.
#[tokio::test(start_paused = true)]
async fn a_place_lasts_until_the_response_begins() {
    let limit = AdaptiveLimit::new();
    let plan = pinned(Plan(plan("[adaptive]\nfloor = 1\nceiling = 1\n", &limit)));
    let mock = Mock::<Full<Bytes>>::new();
    let mut service = AdaptiveService::new(mock.clone());

    let response = service.call(call(&plan, "/"));
    assert!(matches!(soon(service.call(call(&plan, "/"))).await, Err(Fault::Refused(Refusal::Overloaded))));
    mock.answer(Ok(Response::new(Full::new(Bytes::from_static(b"body")))));
    let response = soon(response).await.expect("a response");
    assert_eq!(limit.snapshot().held, 0, "the body is still to come");
    response.into_body().collect().await.expect("a body");
    assert_eq!(limit.snapshot().held, 0);

    let response = service.call(call(&plan, "/"));
    mock.answer(Err(Fault::Inner("no connection")));
    let _ = soon(response).await;
    assert_eq!(limit.snapshot().held, 0);

    let response = service.call(call(&plan, "/"));
    assert_eq!(limit.snapshot().held, 1);
    drop(response);
    assert_eq!(limit.snapshot().held, 0);
}

#[tokio::test(start_paused = true)]
async fn streams_that_never_end_do_not_take_the_limit_from_others() {
    let limit = AdaptiveLimit::new();
    let plan = pinned(Plan(plan("[adaptive]\n", &limit)));
    let mock = Mock::<Full<Bytes>>::new();
    let mut service = AdaptiveService::new(mock.clone());
    let mut open = Vec::new();
    // More than the floor; a refusal would be for ever, as it has no time that could raise the limit.
    for _ in 0..40 {
        let response = service.call(call(&plan, "/stream"));
        mock.answer(Ok(Response::new(Full::new(Bytes::from_static(b"first of many")))));
        open.push(soon(response).await.expect("it is let in"));
    }
    assert_eq!(limit.snapshot().refused, 0);
}
