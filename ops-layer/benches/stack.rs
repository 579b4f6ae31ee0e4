//! What the whole stack adds to a request: allocations, instructions, time.
//!
//! An empty service is called bare and inside the stack, everything on and the
//! request not sampled. Allocations are counted by the allocator. Instructions are
//! counted by valgrind on this same program, as the difference between two run
//! lengths, so that start-up falls out and the machine's load does not matter.
//! Time is criterion's.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

use bytes::Bytes;
use criterion::Criterion;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use ops_config::source::Sources;
use ops_layer::Ops;
use std::{convert::Infallible, future::Ready, hint::black_box, path::Path, process::Command};
use tokio::runtime::Runtime;
use tower::{Layer, Service};

/// Everything that stands in a request's way is on; no fault is ever drawn.
const CONFIG: &str = r#"
version = 1
[observability]
sampling_rate = 0.0
metrics_port = 0
[observability.logging]
level = "off"
[admin]
listen = "127.0.0.1:0"
[limits]
request_timeout = "30s"
max_in_flight = 1024
[breakers.all]
routes = ["/**"]
failure_rate = { threshold = 0.5, window = "10s", min_calls = 20 }
slow_calls = { slower_than = "2s", threshold = 0.8, window = "10s", min_calls = 20 }
[chaos]
enabled = true
duration = "1d"
[chaos.network]
drop_rate = 0.0
"#;

/// Says what the program does when it runs under valgrind: `bare` or `stack`, and how many requests.
const WORK: &str = "OPS_BENCH_WORK";

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    if let Ok(work) = std::env::var(WORK) {
        let (kind, requests) = work.split_once(':').expect("kind:requests");
        let requests = requests.parse().expect("a number");
        match kind {
            "bare" => run(&runtime, &mut bare(), requests),
            _ => run(&runtime, &mut stack(&runtime, folder.path()).1, requests),
        }
        return;
    }
    let (_ops, mut inside) = stack(&runtime, folder.path());
    report_allocations(&runtime, &mut inside);
    report_instructions();
    let mut criterion = Criterion::default().configure_from_args();
    time(&mut criterion, &runtime, "bare service", &mut bare());
    time(&mut criterion, &runtime, "whole stack, everything on, not sampled", &mut inside);
    criterion.final_summary();
}

type Empty = fn(Request<Full<Bytes>>) -> Ready<Result<Response<Full<Bytes>>, Infallible>>;

fn bare() -> tower::util::ServiceFn<Empty> {
    fn answer(request: Request<Full<Bytes>>) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
        black_box(request);
        std::future::ready(Ok(Response::new(Full::default())))
    }
    tower::service_fn(answer as Empty)
}

fn stack(
    runtime: &Runtime,
    folder: &Path,
) -> (Ops, <ops_layer::OpsLayer as Layer<tower::util::ServiceFn<Empty>>>::Service) {
    let file = folder.join("ops.toml");
    std::fs::write(&file, CONFIG).expect("a file");
    let ops = runtime.block_on(Ops::start_from(Sources::from_file(file))).expect("a valid configuration");
    let inside = ops.layer().layer(bare());
    (ops, inside)
}

fn request() -> Request<Full<Bytes>> {
    Request::builder().uri("http://service/items/7").body(Full::default()).expect("a request")
}

async fn turn<S, B>(service: &mut S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body + Unpin,
    B::Error: std::fmt::Debug,
{
    let response = service.call(black_box(request())).await.expect("a response");
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        black_box(frame.expect("a frame").is_data());
    }
}

fn run<S, B>(runtime: &Runtime, service: &mut S, requests: u64)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body + Unpin,
    B::Error: std::fmt::Debug,
{
    runtime.block_on(async {
        for _ in 0..requests {
            turn(service).await;
        }
    });
}

fn report_allocations<S, B>(runtime: &Runtime, inside: &mut S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body + Unpin,
    B::Error: std::fmt::Debug,
{
    const REQUESTS: u64 = 1000;
    let per_request = |work: &mut dyn FnMut()| {
        work();
        allocation_counter::measure(work).count_total / REQUESTS
    };
    let without = per_request(&mut || run(runtime, &mut bare(), REQUESTS));
    let with = per_request(&mut || run(runtime, inside, REQUESTS));
    println!("allocations per request: {without} bare, {with} in the stack, {} added", with - without);
}

fn report_instructions() {
    let per_request = |kind: &str| Some((instructions(kind, 20_000)? - instructions(kind, 10_000)?) / 10_000);
    match per_request("bare").zip(per_request("stack")) {
        Some((without, with)) => {
            println!("instructions per request: {without} bare, {with} in the stack, {} added", with - without);
        }
        None => println!("instructions per request: not counted, valgrind is not installed"),
    }
}

/// What valgrind counts for a whole run of this program.
fn instructions(kind: &str, requests: u64) -> Option<u64> {
    let this = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .env(WORK, format!("{kind}:{requests}"))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.rsplit_once(':')?.1.trim().parse().ok()
}

fn time<S, B>(criterion: &mut Criterion, runtime: &Runtime, name: &str, service: &mut S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body + Unpin,
    B::Error: std::fmt::Debug,
{
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|requests| {
            runtime.block_on(async {
                let start = tokio::time::Instant::now();
                for _ in 0..requests {
                    turn(service).await;
                }
                start.elapsed()
            })
        });
    });
}
