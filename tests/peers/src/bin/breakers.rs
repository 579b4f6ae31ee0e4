//! What a circuit breaker costs a call that goes well while the circuit is closed: this one beside others.
//!
//! Each guards a call that is ready at once, by the settings it is born with, on one thread and on two
//! threads that share it; rounds are taken in turn, and the median is told.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml --bin breakers
//! ```

use failsafe::CircuitBreaker as _;
use ops_config::section::CircuitBreakerConfig;
use ops_layer::breaker::{BreakerSet, CircuitBreaker, Circuits};
use std::{
    collections::BTreeMap,
    future::{ready, Future, Ready},
    hint::black_box,
    io::{self, Write},
    pin::pin,
    sync::Barrier,
    task::{Context, Poll, Waker},
    thread,
    time::Instant,
};
use tower::{service_fn, Layer, Service};
use tower_resilience_circuitbreaker::CircuitBreakerLayer;

const ROUNDS: usize = 9;
const CALLS: u32 = 1_000_000;

fn main() {
    let ours = ours();
    let recloser = recloser::Recloser::default();
    let failsafe = failsafe::Config::new().build();
    let resilience = CircuitBreakerLayer::builder().build().expect("its own defaults");
    let resilience = resilience.layer(service_fn(|(): ()| ready(Ok::<(), ()>(()))));

    let mut rows = [
        ("ops, call", Vec::new()),
        ("ops, tower layer", Vec::new()),
        ("recloser", Vec::new()),
        ("failsafe", Vec::new()),
        ("tower-resilience", Vec::new()),
    ];
    for _ in 0..ROUNDS {
        let costs = [
            measure(|| {
                let breaker = ours.clone();
                move || black_box(at_once(breaker.call(ready(Ok::<(), ()>(())))).is_ok())
            }),
            measure(|| guarded(ours.layer().layer(service_fn(done)))),
            measure(|| || black_box(recloser.call(|| Ok::<(), ()>(())).is_ok())),
            measure(|| || black_box(failsafe.call(|| Ok::<(), ()>(())).is_ok())),
            measure(|| guarded(resilience.clone())),
        ];
        rows.iter_mut().zip(costs).for_each(|((_, row), cost)| row.push(cost));
    }
    say("ns a call        one thread  two threads");
    for (name, costs) in &rows {
        let of = |part: fn(&[f64; 2]) -> f64| median(costs.iter().map(part).collect());
        say(&format!("{name:<18} {:>8.1}  {:>11.1}", of(|cost| cost[0]), of(|cost| cost[1])));
    }
}

/// A breaker as `[breakers.NAME]` with no key makes it.
fn ours() -> CircuitBreaker {
    let circuits = Circuits::new();
    let name = "peer".parse().expect("a name");
    let configs = BTreeMap::from([(name, CircuitBreakerConfig::default())]);
    let set = BreakerSet::build(&configs, &circuits, None);
    set.put_in_force();
    let breaker = circuits.breaker("peer").expect("it was put in force");
    // Its settings live as long as a generation, which the process would hold.
    Box::leak(Box::new(set));
    breaker
}

fn done((): ()) -> Ready<Result<(), ()>> {
    ready(Ok(()))
}

/// One call of a service.
fn guarded<S: Service<()>>(mut service: S) -> impl FnMut() -> bool {
    move || {
        let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(ready, Poll::Ready(Ok(()))), "a service that is always ready");
        black_box(at_once(service.call(())).is_ok())
    }
}

/// The end of a future that waits for nothing.
fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Nanoseconds a call, on one thread and on two; each thread makes its own way to call.
fn measure<C: FnMut() -> bool>(make: impl Fn() -> C + Sync) -> [f64; 2] {
    [1, 2].map(|threads| {
        let together = Barrier::new(threads);
        let worker = || {
            let mut call = make();
            together.wait();
            let begun = Instant::now();
            for _ in 0..CALLS {
                assert!(call(), "a closed circuit lets a call pass");
            }
            begun.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
        };
        let costs: Vec<f64> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().map(|worker| worker.join().expect("it ends")).collect()
        });
        costs.into_iter().fold(0.0, f64::max)
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn say(line: &str) {
    // Nobody reads it when the reader is gone.
    let _ = writeln!(io::stdout(), "{line}");
}
