//! A thousand configurations that cannot be built leave nothing behind, and disturb nobody.

use crate::{
    collector::Collector,
    fault::{self, Fault},
    file::File,
};
use http::Method;
use ops_tests::{
    client::Client,
    footprint::Footprint,
    service::{Process, Service, SOON},
    wait,
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// How many are rejected between the two counts.
const REJECTED: usize = 1000;

/// What allocators keep of so many, in KiB, on top of what is in use.
const MOST_GROWTH_KIB: u64 = 5 * 1024;

/// What stays in force: an exporter, a pool with data in its memory, and an open circuit.
fn in_force(collector: SocketAddr) -> File {
    File::quiet()
        .text("observability.otlp_endpoint", &format!("http://{collector}"))
        .with("observability.sampling_rate", "1.0")
        .text("pools.main.url", "sqlite::memory:")
        .with("pools.main.min_connections", "2")
        .with("pools.main.max_connections", "5")
        .with("breakers.tripped.routes", "[\"/fail\"]")
        .with("breakers.tripped.failure_threshold", "1")
        .text("breakers.tripped.reset_timeout", "1h")
        // Nothing else than what is asked for may move the counts.
        .text("reload.poll_interval", "5m")
}

/// What a caller can see of the generation in force, its pool, its circuit and its listeners.
async fn seen(service: &Service) -> (Value, Value, u16, u16) {
    let config = service.config().await;
    let item = service.get("/items/1").await.expect("an answer").status.as_u16();
    let refused = service.get("/fail").await.expect("an answer").status.as_u16();
    (config["generation"].clone(), config["value"].clone(), item, refused)
}

/// Asks all the time, until told to stop. Each answer must be a success.
fn ask_on(server: SocketAddr, stop: &Arc<AtomicBool>, answers: &Arc<AtomicUsize>) -> JoinHandle<()> {
    let (stop, answers) = (Arc::clone(stop), Arc::clone(answers));
    tokio::spawn(async move {
        let kept = Client::http1();
        while !stop.load(Relaxed) {
            for path in ["/ok", "/db?ms=0"] {
                // Over a connection that is kept, and over a new one.
                for client in [&kept, &Client::http1()] {
                    let answer = client.get(server, path).await.expect("an answer");
                    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
                    answers.fetch_add(1, Relaxed);
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}

/// The counts, once two in a row agree: what was closed ends in tasks and threads of its own.
async fn at_rest(service: &Service) -> Footprint {
    let mut last = None;
    wait::until("counts at rest", SOON, || {
        let now = Footprint::of(&service.process).expect("the kernel says");
        let same = last.as_ref() == Some(&now);
        last = Some(now.clone());
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            same.then_some(now)
        }
    })
    .await
}

/// Tokio keeps threads for blocking calls for a while, as many as were needed at once.
fn spare(thread: &str) -> usize {
    if thread.starts_with("tokio") {
        4
    } else {
        0
    }
}

async fn reject(service: &Service, fault: &Fault, file: &File) {
    let outcome = service.reload_with(&fault.within(file.clone()).to_string()).await;
    assert_eq!(outcome["outcome"], "rejected", "{}: {outcome}", fault.key);
    assert_eq!(outcome["stage"], fault.stage, "{}: {outcome}", fault.key);
    assert!(outcome["violations"].to_string().contains(fault.key), "{}: {outcome}", fault.key);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_that_cannot_be_built_leave_nothing_behind_and_disturb_nobody() {
    let collector = Collector::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (faults, _neighbour) = fault::all(folder.path());
    let good = in_force(collector.address);
    let service = Service::of(Process::spawn(&good.to_string())).await;
    let json = [("content-type", "application/json")];
    let item = service.client().send(service.server, Method::POST, "/items", &json, r#"{"name":"kept"}"#).await;
    assert_eq!(item.expect("an answer").status, 201);
    assert_eq!(service.get("/fail").await.expect("an answer").status, 500);
    let before = seen(&service).await;
    assert_eq!((before.2, before.3), (200, 503), "the item is kept, the circuit is open");
    wait::holds("a connection to the collector", SOON, || collector.connections() == 1).await;

    let reject_all = async |rounds: usize| {
        for number in 0..rounds {
            let fault = &faults[number % faults.len()];
            // Alone, and while all else is new too.
            let file = if number / faults.len() % 2 == 0 {
                good.clone()
            } else {
                fault::renewed(good.clone(), folder.path(), number)
            };
            reject(&service, fault, &file).await;
        }
    };
    let (stop, answers) = (Arc::default(), Arc::default());
    let asked = ask_on(service.server, &stop, &answers);
    // What is made once, such as threads for blocking calls, is there after some of each.
    reject_all(faults.len() * 8).await;
    stop.store(true, Relaxed);
    asked.await.expect("every request was answered");
    assert_eq!(seen(&service).await, before);
    let (footprint, resident) = (at_rest(&service).await, service.process.resident().expect("the kernel says"));

    let (stop, answers) = (Arc::default(), Arc::default());
    let asked = ask_on(service.server, &stop, &answers);
    let begun = std::time::SystemTime::now();
    reject_all(REJECTED).await;
    let took = begun.elapsed().unwrap_or_default();
    stop.store(true, Relaxed);
    asked.await.expect("every request was answered");

    assert_eq!(seen(&service).await, before, "the old generation is whole");
    assert_eq!(collector.connections(), 1, "and so is its exporter");
    let now = at_rest(&service).await;
    let grown = service.process.resident().expect("the kernel says").saturating_sub(resident);
    println!("{REJECTED} rejected in {took:?} under {} requests; {grown} KiB more; {now:?}", answers.load(Relaxed));
    assert_eq!(now.descriptors, footprint.descriptors);
    for (name, count) in &now.threads {
        let before = footprint.threads.get(name).copied().unwrap_or_default();
        assert!(*count <= before + spare(name), "{count} of {name}, before {before}");
    }
    assert!(grown <= MOST_GROWTH_KIB, "{grown} KiB more");

    // And the next good one is taken.
    service.save_by_rename(&good.with("limits.max_in_flight", "9").to_string());
    service.config_once("the next generation", |config| config["generation"] == 2).await;
}
