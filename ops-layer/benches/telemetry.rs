//! What telemetry adds to a request, to a log line and to a scrape.
//!
//! `cargo bench -p ops-layer --bench telemetry`

use bytes::Bytes;
use criterion::{criterion_group, criterion_main, Criterion};
use http::{Request, Response};
use http_body_util::Empty;
use ops_config::{
    check,
    live::Generation,
    source::{Sources, Texts},
};
use ops_layer::{
    call::Call,
    clock::Moment,
    refusal::Fault,
    telemetry::{
        metric::{MetricsLayer, Route},
        trace::TraceLayer,
        Telemetry, TelemetryPlan,
    },
};
use std::{
    convert::Infallible,
    hint::black_box,
    sync::{Arc, Barrier},
    task::Context,
    time::{Duration, SystemTime},
};
use tower::{Layer, Service};

struct Plan(TelemetryPlan);

impl AsRef<TelemetryPlan> for Plan {
    fn as_ref(&self) -> &TelemetryPlan {
        &self.0
    }
}

fn generation(telemetry: &Telemetry, rate: f64) -> Arc<Generation<Plan>> {
    let text = format!("version = 1\n[observability]\nsampling_rate = {rate:?}\n");
    let texts = Texts::from_bytes("ops.toml", text.into_bytes()).expect("a file");
    let checked = Arc::new(check::check(&Sources::from_file("ops.toml"), &texts).expect("a configuration"));
    let (plan, staged) = telemetry.prepare(&checked.config().observability, None).expect("it can be built");
    telemetry.commit(staged);
    Arc::new(Generation { seq: 1, loaded_at: SystemTime::UNIX_EPOCH, checked, plan: Plan(plan) })
}

fn service() -> impl Service<Call<Plan, ()>, Response = Response<Empty<Bytes>>, Error = Fault<Infallible>> + Clone {
    tower::service_fn(|_: Call<Plan, ()>| std::future::ready(Ok(Response::new(Empty::new()))))
}

/// Sends one request through, to the end of its response.
fn send<S, R>(service: &mut S, pinned: &Arc<Generation<Plan>>, traceparent: Option<&'static str>)
where
    S: Service<Call<Plan, ()>, Response = Response<R>>,
{
    let mut request = Request::new(());
    request.extensions_mut().insert(Route::new("/items/{id}"));
    if let Some(value) = traceparent {
        request.headers_mut().insert("traceparent", http::HeaderValue::from_static(value));
    }
    let call = Call { request, pinned: Arc::clone(pinned), started: Moment::now() };
    let mut future = std::pin::pin!(service.call(call));
    let waker = std::task::Waker::noop();
    let _ = black_box(future.as_mut().poll(&mut Context::from_waker(waker)));
}

/// How long two threads take for so many requests each, both at once. Each has a generation of its own with
/// the same counts: what is asked is whether the counts are shared, not whether the generation is.
fn on_two_threads(pinned: &Arc<Generation<Plan>>, times: u64, is_measured: bool) -> Duration {
    let start = Barrier::new(2);
    let work = || {
        let plan = Plan(pinned.plan.0.clone());
        let checked = Arc::clone(&pinned.checked);
        let pinned = Arc::new(Generation { seq: 1, loaded_at: SystemTime::UNIX_EPOCH, checked, plan });
        let (mut bare, mut measured) = (service(), MetricsLayer::new().layer(service()));
        start.wait();
        let begun = Moment::now();
        for _ in 0..times {
            if is_measured {
                send(&mut measured, &pinned, None);
            } else {
                send(&mut bare, &pinned, None);
            }
        }
        Moment::now().since(begun)
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.map(|thread| thread.join().expect("no panic")).into_iter().max().unwrap_or_default()
    })
}

use std::future::Future as _;

fn requests(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _entered = runtime.enter();
    let telemetry = Telemetry::with_output(std::io::sink());
    let (never, always) = (generation(&telemetry, 0.0), generation(&telemetry, 1.0));
    let unsampled = Some("00-12345678901234567890123456789012-1234567890123456-00");

    let mut group = c.benchmark_group("request");
    let mut bare = service();
    group.bench_function("nothing", |b| b.iter(|| send(&mut bare, &never, None)));
    let mut traced = TraceLayer::new().layer(service());
    group.bench_function("trace, not sampled", |b| b.iter(|| send(&mut traced, &never, None)));
    group.bench_function("trace, caller not sampled", |b| b.iter(|| send(&mut traced, &never, unsampled)));
    group.bench_function("trace, sampled", |b| b.iter(|| send(&mut traced, &always, None)));
    report_allocations(&mut traced, &never, &always);
    let mut measured = MetricsLayer::new().layer(service());
    group.bench_function("metrics", |b| b.iter(|| send(&mut measured, &never, None)));
    for (name, is_measured) in [("nothing, two threads", false), ("metrics, two threads", true)] {
        group.bench_function(name, |b| b.iter_custom(|times| on_two_threads(&never, times, is_measured)));
    }
    group.finish();
}

/// What tracing allocates for a request, recorded or not.
#[expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]
fn report_allocations<S, R>(traced: &mut S, never: &Arc<Generation<Plan>>, always: &Arc<Generation<Plan>>)
where
    S: Service<Call<Plan, ()>, Response = Response<R>>,
{
    const REQUESTS: u64 = 1000;
    let mut per_request = |pinned| {
        let mut work = || (0..REQUESTS).for_each(|_| send(traced, pinned, None));
        work();
        allocation_counter::measure(work).count_total / REQUESTS
    };
    let bare = {
        let mut bare = service();
        let work = || (0..REQUESTS).for_each(|_| send(&mut bare, never, None));
        allocation_counter::measure(work).count_total / REQUESTS
    };
    let (without, with) = (per_request(never) - bare, per_request(always) - bare);
    println!("allocations added per request: {without} not sampled, {with} sampled");
}

fn lines(c: &mut Criterion) {
    use tracing_subscriber::layer::SubscriberExt as _;
    let telemetry = Telemetry::with_output(std::io::sink());
    let subscriber = tracing_subscriber::Registry::default().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        c.bench_function("log line", |b| b.iter(|| tracing::info!(id = black_box(7), "an item was read")));
        c.bench_function("log line, filtered out", |b| b.iter(|| tracing::debug!(id = black_box(7), "an item")));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _entered = runtime.enter();
        let never = generation(&telemetry, 0.0);
        let line = || tracing::info!(name: "item.read", id = black_box(7), "an item was read");
        // The whole measurement is within one request, so that nothing but the line is measured.
        let mut traced = TraceLayer::new().layer(tower::service_fn(|_: Call<Plan, ()>| {
            c.bench_function("log line in a request with ids", |b| b.iter(line));
            std::future::ready(Ok::<_, Fault<Infallible>>(Response::new(Empty::<Bytes>::new())))
        }));
        send(&mut traced, &never, None);
    });
}

fn scrape(c: &mut Criterion) {
    let telemetry = Telemetry::with_output(std::io::sink());
    c.bench_function("scrape", |b| b.iter(|| telemetry.families().text()));
}

criterion_group!(benches, requests, lines, scrape);
criterion_main!(benches);
