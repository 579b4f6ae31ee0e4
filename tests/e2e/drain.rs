//! Property 3: SIGTERM loses no request.

use ops_tests::{
    client::{Client, Failure},
    service::{Service, QUIET, SOON},
};
use rustix::process::Signal;
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};

/// Longer than any request here takes.
const TIMEOUT: &str = "[shutdown]\ntimeout = \"20s\"\n";

/// So many of the first requests take long.
const SLOW: usize = 6;

/// How a request ended, and whether it was sent before the signal was.
struct Ended {
    before: bool,
    outcome: Result<bool, Failure>,
}

/// What one caller asks for, and what a whole answer ends with. The first few are slow enough to be
/// under way still when the last has been seen.
fn request(number: usize) -> (String, String) {
    let ms = if number < SLOW { 3000 } else { 5 + (number * 7919) % 600 };
    if number.is_multiple_of(2) {
        (format!("/slow?ms={ms}"), "slow".to_owned())
    } else {
        let chunks = 2 + number % 9;
        (format!("/stream?chunks={chunks}&ms={}", ms / chunks), format!("chunk {chunks}"))
    }
}

async fn ask(
    client: Client,
    server: SocketAddr,
    number: usize,
    begun: Arc<AtomicUsize>,
    signalled: Arc<AtomicBool>,
) -> Ended {
    let (path, ending) = request(number);
    let before = !signalled.load(Ordering::SeqCst);
    begun.fetch_add(1, Ordering::SeqCst);
    let answer = client.get(server, &path).await;
    Ended {
        before,
        outcome: answer.map(|answer| answer.status.is_success() && answer.text().trim_end().ends_with(&ending)),
    }
}

/// Feature: production-excellence, Property 3: on SIGTERM every request under way completes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_under_way_completes_over_both_protocols() {
    const EACH: usize = 120;
    const ALL: f64 = 240.0;
    for round in 0..2 {
        let mut service = Service::start(&format!("{QUIET}{TIMEOUT}")).await;
        let (begun, signalled) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut tasks = JoinSet::new();
        for client in [Client::http1(), Client::http2()] {
            for number in 0..EACH {
                tasks.spawn(ask(
                    client.clone(),
                    service.server,
                    number + round,
                    Arc::clone(&begun),
                    Arc::clone(&signalled),
                ));
            }
        }
        // Under way means that the service has seen it: its own count is the witness.
        let under_way = ops_tests::wait::until("all requests", SOON, || async {
            let scrape = service.scrape().await;
            let under_way = scrape.sum("http_server_active_requests", &[]);
            let seen = under_way + scrape.sum("http_server_request_duration_seconds_count", &[]);
            (seen >= ALL).then_some(under_way)
        })
        .await;
        assert!(under_way > 0.0, "some are under way when the signal comes");
        signalled.store(true, Ordering::SeqCst);
        service.process.signal(Signal::TERM);

        let (mut sent, mut acknowledged) = (0, 0);
        while let Some(ended) = tasks.join_next().await {
            sent += 1;
            let ended = ended.expect("the task ends");
            match ended.outcome {
                Ok(whole) => acknowledged += usize::from(whole),
                Err(error) => panic!("a request was lost: {error:?}"),
            }
        }
        assert_eq!((sent, acknowledged), (2 * EACH, 2 * EACH));
        assert_eq!(service.process.ended(SOON).await.code(), Some(0));
    }
}

/// Feature: production-excellence, Property 3: under load that does not stop, no request sent before the signal is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load_that_goes_on_loses_nothing_it_had_sent() {
    let mut service = Service::start(&format!("{QUIET}{TIMEOUT}drain_delay = \"2s\"\n")).await;
    let (begun, signalled) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let client = if caller % 2 == 0 { Client::http1() } else { Client::http2() };
        let (server, begun, signalled) = (service.server, Arc::clone(&begun), Arc::clone(&signalled));
        callers.spawn(async move {
            let (mut acknowledged, mut lost) = (0, Vec::new());
            for number in caller.. {
                let ended = ask(client.clone(), server, number % 97, Arc::clone(&begun), Arc::clone(&signalled)).await;
                match ended.outcome {
                    Ok(true) => acknowledged += 1,
                    Ok(false) => lost.push(format!("request {number}: cut short")),
                    // One sent after the signal may find the door closed; then this caller goes elsewhere.
                    Err(_) if !ended.before => break,
                    Err(error) => {
                        lost.push(format!("request {number}: {error:?}"));
                        break;
                    }
                }
            }
            (acknowledged, lost)
        });
    }
    sleep(Duration::from_millis(700)).await;
    assert!(begun.load(Ordering::SeqCst) > 32, "there is load");
    signalled.store(true, Ordering::SeqCst);
    service.process.signal(Signal::TERM);
    // Readiness fails at once, while requests are still taken.
    let metrics = service.metrics;
    ops_tests::wait::until("readiness that fails", SOON, || async {
        let ready = service.client().get(metrics, "/readyz").await.expect("probes answer while it drains");
        (ready.status.as_u16() == 503).then_some(())
    })
    .await;
    assert!(service.get("/ok").await.is_ok_and(|answer| answer.status.is_success()), "the drain delay still serves");

    let mut all = 0;
    while let Some(caller) = callers.join_next().await {
        let (acknowledged, lost) = caller.expect("the caller ends");
        assert!(lost.is_empty(), "{lost:#?}");
        all += acknowledged;
    }
    assert!(all > 32, "{all} acknowledged");
    assert_eq!(service.process.ended(SOON).await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_drains_too() {
    let mut service = Service::start(&format!("{QUIET}{TIMEOUT}")).await;
    let (client, server) = (service.client().clone(), service.server);
    let slow = tokio::spawn(async move { client.get(server, "/slow?ms=400").await });
    ops_tests::wait::until("the request", SOON, || async {
        (service.scrape().await.sum("http_server_active_requests", &[]) >= 1.0).then_some(())
    })
    .await;
    service.process.signal(Signal::INT);
    assert!(slow.await.expect("the task ends").is_ok_and(|answer| answer.text().contains("slow")));
    assert_eq!(service.process.ended(SOON).await.code(), Some(0));
}
