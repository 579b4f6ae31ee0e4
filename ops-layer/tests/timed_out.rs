//! The timeout outside the breaker, as the stack has them: the breaker cannot see who dropped a
//! call, and counts as failed the one whose time was up.

use http::{Request, Response};
use ops_config::{
    check::check,
    live::Generation,
    source::{Sources, Texts},
};
use ops_layer::{
    breaker::{BreakerService, BreakerSet, CircuitState, Circuits},
    call::{Call, Pinned},
    clock::Moment,
    refusal::{Fault, Refusal},
    timeout::{TimeoutPlan, TimeoutService, Timeouts},
};
use std::{
    convert::Infallible,
    future::{pending, Future, Pending},
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use tokio::time::{advance, timeout};
use tower::Service;

const CONFIG: &[u8] = b"version = 1
[limits]
request_timeout = \"1s\"
[breakers.upstream]
routes = [\"/**\"]
failure_threshold = 2
";

struct Plan {
    breakers: BreakerSet,
    timeout: TimeoutPlan,
}

impl AsRef<BreakerSet> for Plan {
    fn as_ref(&self) -> &BreakerSet {
        &self.breakers
    }
}

impl AsRef<TimeoutPlan> for Plan {
    fn as_ref(&self) -> &TimeoutPlan {
        &self.timeout
    }
}

fn pinned() -> Pinned<Plan> {
    let texts = Texts::from_bytes("ops.toml", CONFIG.to_vec()).expect("a text");
    let checked = check(&Sources::from_file("ops.toml"), &texts).expect("a configuration");
    let timeout = TimeoutPlan::build(&checked.config().limits, &Timeouts::new());
    let breakers = BreakerSet::build(&checked.config().breakers, &Circuits::new(), timeout.answer_within());
    let plan = Plan { breakers, timeout };
    Arc::new(Generation { seq: 1, loaded_at: SystemTime::now(), checked: Arc::new(checked), plan })
}

/// Never answers.
#[derive(Clone)]
struct Stuck;

impl Service<Call<Plan, ()>> for Stuck {
    type Response = Response<String>;
    type Error = Fault<Infallible>;
    type Future = Pending<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Call<Plan, ()>) -> Self::Future {
        pending()
    }
}

/// The end of a future; one that never ends fails the test instead of hanging it.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(1000), future).await.expect("it ends")
}

#[tokio::test(start_paused = true)]
async fn calls_that_time_out_open_the_circuit_and_calls_that_are_cancelled_do_not() {
    let pinned = pinned();
    let call = || Call { request: Request::new(()), pinned: Arc::clone(&pinned), started: Moment::now() };
    let state = || pinned.plan.breakers.get("upstream").expect("the breaker").circuit().state();
    let mut service = TimeoutService::new(BreakerService::new(Stuck));

    for _ in 0..10 {
        // The client goes away after half a second.
        assert!(timeout(Duration::from_millis(500), service.call(call())).await.is_err());
    }
    assert_eq!(state(), CircuitState::Closed);
    for _ in 0..2 {
        assert!(matches!(soon(service.call(call())).await, Err(Fault::Refused(Refusal::Timeout))));
    }
    assert_eq!(state(), CircuitState::Open);

    // A trial that times out opens it again: it is not stuck half-open.
    advance(Duration::from_secs(30)).await;
    assert!(matches!(soon(service.call(call())).await, Err(Fault::Refused(Refusal::Timeout))));
    assert_eq!(state(), CircuitState::Open);
}
