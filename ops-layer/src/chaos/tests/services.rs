//! Faults in the stack, on a paused clock.

use super::{config, everything};
use crate::{
    call::{
        sample::{call, pinned, poll_once, soon, status, Answering, Mock},
        Call, Pinned,
    },
    chaos::{Chaos, ChaosPlan, ChaosService, ResponseFuture},
    clock::Moment,
    refusal::{Fault, Refusal},
};
use ops_config::{
    section::{ChaosConfig, ChaosIntensity, NetworkChaos},
    value::{List, Period, Ratio},
};
use std::{task::Poll, time::Duration};
use tokio::time::advance;
use tower::Service;

struct Plan(ChaosPlan);

impl AsRef<ChaosPlan> for Plan {
    fn as_ref(&self) -> &ChaosPlan {
        &self.0
    }
}

/// A process with chaos and a service below it.
struct Setup {
    chaos: Chaos,
    mock: Mock<()>,
}

type Response = ResponseFuture<Mock<()>, Answering<()>, Call<Plan, ()>>;

impl Setup {
    fn new() -> Self {
        Self { chaos: Chaos::new(), mock: Mock::new() }
    }

    fn reload(&self, config: &ChaosConfig) -> Pinned<Plan> {
        let plan = ChaosPlan::build(config, &self.chaos, Moment::now());
        plan.put_in_force();
        pinned(Plan(plan))
    }

    fn call(&self, plan: &Pinned<Plan>) -> Response {
        ChaosService::new(self.mock.clone()).call(call(plan, "/api/x"))
    }

    /// A call that is being delayed.
    async fn delayed(&self, plan: &Pinned<Plan>) -> Response {
        for _ in 0..1000 {
            let mut response = self.call(plan);
            let pending = poll_once(&mut response).await.is_pending();
            if self.mock.next().is_none() && pending {
                return response;
            }
        }
        panic!("no call is delayed");
    }

    fn counts(&self) -> [u64; 3] {
        self.chaos.snapshot(Moment::now()).faults.map(|(_, count)| count)
    }
}

fn latency() -> NetworkChaos {
    NetworkChaos { latency: Some(Period::literal(30_000)), ..NetworkChaos::default() }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_call_reaches_the_service_after_its_delay() {
    let setup = Setup::new();
    let plan = setup.reload(&config(1, latency()));
    let mut response = setup.delayed(&plan).await;
    advance(Duration::from_millis(29_999)).await;
    assert!(poll_once(&mut response).await.is_pending() && setup.mock.next().is_none());
    advance(Duration::from_millis(1)).await;
    assert!(poll_once(&mut response).await.is_pending());
    setup.mock.answer(Ok(status(200)));
    assert!(soon(response).await.is_ok());
    assert_eq!(setup.counts(), [1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_save_that_disables_ends_delays_under_way_at_once() {
    let setup = Setup::new();
    let plan = setup.reload(&config(1, NetworkChaos { drop_rate: Some(Ratio::ONE), ..latency() }));
    let mut response = setup.delayed(&plan).await;
    setup.reload(&ChaosConfig { enabled: false, ..config(1, latency()) });
    // No time passes. It reaches the service: the drop that was to follow is healed, too.
    assert!(poll_once(&mut response).await.is_pending());
    setup.mock.answer(Ok(status(200)));
    assert!(matches!(poll_once(&mut response).await, Poll::Ready(Ok(_))));
    // A request that had pinned the old plan before the save meets no delay either.
    let mut late = setup.call(&plan);
    let _ = poll_once(&mut late).await;
    assert_eq!(setup.counts()[0], 1);
}

#[tokio::test(start_paused = true)]
async fn a_delay_goes_on_while_it_stands_and_ends_when_it_does_not() {
    for (change, ends) in [
        (config(1, latency()), false),
        (config(1, NetworkChaos { partition: true, ..latency() }), false),
        (config(1, NetworkChaos { latency: Some(Period::literal(1000)), ..latency() }), true),
        (config(1, NetworkChaos { latency: None, ..latency() }), true),
        (config(2, latency()), true),
        (ChaosConfig { intensity: ChaosIntensity::Low, ..config(1, latency()) }, true),
        (ChaosConfig { duration: Period::literal(1000), ..config(1, latency()) }, true),
        (ChaosConfig { routes: List::literal(["/b".parse().expect("a pattern")]), ..config(1, latency()) }, true),
    ] {
        let setup = Setup::new();
        let plan = setup.reload(&config(1, latency()));
        let mut response = setup.delayed(&plan).await;
        setup.reload(&change);
        let _ = poll_once(&mut response).await;
        assert_eq!(setup.mock.next().is_some(), ends, "{change:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_delay_outlives_its_experiment() {
    let setup = Setup::new();
    let plan = setup.reload(&config(1, NetworkChaos { drop_rate: Some(Ratio::ONE), ..latency() }));
    advance(Duration::from_secs(59)).await;
    let mut response = setup.delayed(&plan).await;
    advance(Duration::from_secs(1)).await;
    assert!(poll_once(&mut response).await.is_pending());
    setup.mock.answer(Ok(status(200)));
    assert!(soon(response).await.is_ok(), "neither its delay nor the drop that was to follow");
}

#[tokio::test(start_paused = true)]
async fn dropped_and_partitioned_calls_do_not_reach_the_service() {
    let setup = Setup::new();
    let drop_all = NetworkChaos { drop_rate: Some(Ratio::ONE), ..NetworkChaos::default() };
    let plan = setup.reload(&config(1, drop_all));
    assert!(matches!(soon(setup.call(&plan)).await, Err(Fault::Refused(Refusal::Dropped))));
    let plan = setup.reload(&config(1, NetworkChaos { partition: true, ..everything() }));
    assert!(matches!(soon(setup.call(&plan)).await, Err(Fault::Refused(Refusal::Partitioned))));
    assert!(setup.mock.next().is_none());
    assert_eq!(setup.counts(), [0, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_struck_call_may_be_delayed_and_then_dropped() {
    let setup = Setup::new();
    let plan = setup.reload(&config(1, NetworkChaos { drop_rate: Some(Ratio::ONE), ..latency() }));
    let began = Moment::now();
    let response = setup.delayed(&plan).await;
    assert!(matches!(soon(response).await, Err(Fault::Refused(Refusal::Dropped))));
    assert_eq!(Moment::now().since(began), Duration::from_secs(30));
    assert!(setup.mock.next().is_none());
}

#[tokio::test(start_paused = true)]
async fn off_or_elsewhere_it_is_not_there() {
    let setup = Setup::new();
    let off = setup.reload(&ChaosConfig { enabled: false, ..config(1, everything()) });
    let on = setup.reload(&config(1, NetworkChaos { partition: true, ..everything() }));
    for call in [call(&off, "/api/x"), call(&on, "/other")] {
        let response = ChaosService::new(setup.mock.clone()).call(call);
        setup.mock.answer(Ok(status(200)));
        assert!(soon(response).await.is_ok());
    }
    assert_eq!(setup.counts(), [0, 0, 0]);
}
