//! No request ever sees two generations.

use crate::service::{answer, get, Running};
use ops_layer::{Config, Ops};
use std::{
    convert::Infallible,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        Arc,
    },
};
use tokio::task::{yield_now, JoinSet};
use tower::ServiceExt;

/// Two keys of different sections that every generation gives the same number.
fn twins(number: u64) -> String {
    format!("limits.max_in_flight = {number}\npools.main.max_connections = {number}\npools.main.min_connections = 0\n")
}

fn both(config: &Config) -> (u64, u64) {
    (config.limits.max_in_flight.get(), config.pools["main"].max_connections.get())
}

/// Reads the configuration again and again while others run, and says whether it was always the same.
async fn sees_one_generation(ops: &Ops) -> bool {
    let first = ops.config();
    let mut same = both(&first).0 == both(&first).1;
    for _ in 0..20 {
        yield_now().await;
        let again = ops.config();
        same &= again.generation() == first.generation() && both(&again) == both(&first);
    }
    same
}

/// Feature: production-excellence, Property 19: no request ever sees two generations. 150 reloads
/// are made under requests from four tasks on two threads; each handler reads over many polls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_reads_one_generation_from_its_first_poll_to_its_last() {
    let running = Running::start(&twins(1000)).await;
    let done = Arc::new(AtomicBool::new(false));
    let (requests, torn) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let (ops, torn, requests, done) =
            (running.ops.clone(), Arc::clone(&torn), Arc::clone(&requests), Arc::clone(&done));
        let stack = running.around(move |_| {
            let (ops, torn) = (ops.clone(), Arc::clone(&torn));
            async move {
                torn.fetch_add(u64::from(!sees_one_generation(&ops).await), Relaxed);
                Ok::<_, Infallible>(answer(200))
            }
        });
        callers.spawn(async move {
            while !done.load(Relaxed) {
                let response = stack.clone().oneshot(get("/")).await.expect("infallible");
                assert_eq!(response.status(), 200);
                requests.fetch_add(1, Relaxed);
            }
        });
    }
    for number in 1001..=1150 {
        running.save(&twins(number)).await;
    }
    done.store(true, Relaxed);
    while let Some(caller) = callers.join_next().await {
        caller.expect("no caller panics");
    }
    assert_eq!(running.ops.config().generation(), 151, "every save was applied");
    assert_eq!(torn.load(Relaxed), 0);
    assert!(requests.load(Relaxed) > 150, "requests ran between the reloads");
}

#[tokio::test]
async fn outside_a_request_the_generation_in_force_is_read() {
    let running = Running::start(&twins(7)).await;
    let kept = running.ops.config();
    running.save(&twins(8)).await;
    assert_eq!(both(&running.ops.config()), (8, 8));
    assert_eq!(both(&kept), (7, 7), "what was taken stays as it was");
}
