//! What each guard adds to a request that it lets pass: the breaker closed, the limit not
//! reached, the timeout not due, chaos off. Each is measured as the stack runs it, around a
//! service that answers at once; the first line is that service alone.

use bytes::Bytes;
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::Empty;
use ops_config::{
    check::check,
    live::Generation,
    section::OpsConfig,
    source::{Sources, Texts},
};
use ops_layer::{
    breaker::{BreakerService, BreakerSet, Circuits},
    call::{Call, PeerAddr, Pinned},
    chaos::{Chaos, ChaosPlan, ChaosService},
    clock::Moment,
    limit::{
        adaptive::{AdaptiveLimit, AdaptivePlan, AdaptiveService},
        rate::{RateCounts, RatePlan, RateService},
        LimitPlan, LimitService, LoadLimit,
    },
    refusal::Fault,
    timeout::{TimeoutPlan, TimeoutService, Timeouts},
};
use std::{
    convert::Infallible,
    future::{ready, Ready},
    hint::black_box,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use tower::Service;

const CONFIG: &[u8] = b"version = 1\n[limits]\nrequest_timeout = \"30s\"\n[breakers.upstream]\nroutes = [\"/**\"]\n";

/// The guards' parts of a plan.
struct Plan {
    breakers: BreakerSet,
    limit: LimitPlan,
    rates: RatePlan,
    adaptive: AdaptivePlan,
    timeout: TimeoutPlan,
    chaos: ChaosPlan,
}

macro_rules! part {
    ($($field:ident: $part:ty),*) => {
        $(impl AsRef<$part> for Plan {
            fn as_ref(&self) -> &$part {
                &self.$field
            }
        })*
    };
}

part!(breakers: BreakerSet, limit: LimitPlan, rates: RatePlan, adaptive: AdaptivePlan, timeout: TimeoutPlan, chaos: ChaosPlan);

impl Plan {
    fn new(config: &OpsConfig) -> Self {
        let timeout = TimeoutPlan::build(&config.limits, &Timeouts::new());
        Self {
            breakers: BreakerSet::build(&config.breakers, &Circuits::new(), timeout.answer_within()),
            limit: LimitPlan::build(&config.limits, &LoadLimit::new()),
            adaptive: AdaptivePlan::build(&config.limits, &AdaptiveLimit::new()),
            rates: RatePlan::build(&config.limits, None, &RateCounts::new(), Moment::now()),
            timeout,
            chaos: ChaosPlan::build(&config.chaos, &Chaos::new(), Moment::now()),
        }
    }
}

/// Answers at once.
#[derive(Clone)]
struct Immediate;

impl Service<Call<Plan, ()>> for Immediate {
    type Response = Response<Empty<Bytes>>;
    type Error = Fault<Infallible>;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Call<Plan, ()>) -> Self::Future {
        ready(Ok(Response::new(Empty::new())))
    }
}

fn pinned(more: &str) -> Pinned<Plan> {
    let texts = Texts::from_bytes("ops.toml", [CONFIG, more.as_bytes()].concat()).expect("a text");
    let checked = check(&Sources::from_file("ops.toml"), &texts).expect("a configuration");
    let plan = Plan::new(checked.config());
    Arc::new(Generation { seq: 1, loaded_at: SystemTime::now(), checked: Arc::new(checked), plan })
}

fn measure<S>(criterion: &mut Criterion, name: &str, service: S)
where
    S: Service<Call<Plan, ()>>,
{
    measure_with(criterion, name, "", service);
}

fn measure_with<S>(criterion: &mut Criterion, name: &str, more: &str, mut service: S)
where
    S: Service<Call<Plan, ()>>,
{
    let (pinned, mut started) = (pinned(more), Moment::now());
    let peer = PeerAddr("192.0.2.7:4000".parse().expect("an address"));
    let mut call = || {
        started = started.plus(Duration::from_micros(1));
        let mut request = Request::new(());
        request.extensions_mut().insert(peer);
        Call { request, pinned: Arc::clone(&pinned), started }
    };
    let mut run = |call| black_box(service.call(call).now_or_never()).is_some();
    criterion.bench_function(name, |bencher| bencher.iter_batched(&mut call, &mut run, BatchSize::SmallInput));
}

/// A rate that all requests fall under. Each comes a moment after the one before, so the bucket never empties.
fn rate(key: &str) -> String {
    format!("[limits.rates.all]\nrate = 1000000\nburst = 1000000\nkey = \"{key}\"\n")
}

fn guards(criterion: &mut Criterion) {
    measure(criterion, "guards/none", Immediate);
    measure(criterion, "guards/breaker closed, success", BreakerService::new(Immediate));
    measure(criterion, "guards/limit not reached", LimitService::new(Immediate));
    measure_with(
        criterion,
        "guards/adaptive limit not reached",
        "[limits.adaptive]\n",
        AdaptiveService::new(Immediate),
    );
    measure(criterion, "guards/no rate", RateService::new(Immediate));
    measure_with(criterion, "guards/rate of all", &rate("all"), RateService::new(Immediate));
    measure_with(criterion, "guards/rate by client", &rate("client"), RateService::new(Immediate));
    measure(criterion, "guards/timeout not due", TimeoutService::new(Immediate));
    measure(criterion, "guards/chaos off", ChaosService::new(Immediate));
}

criterion_group!(benches, guards);
criterion_main!(benches);
