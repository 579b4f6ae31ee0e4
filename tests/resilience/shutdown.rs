//! SIGTERM under load that comes from another process and does not stop, fifty times.
//!
//! What is counted is every request that was sent on a connection: see the report of `volley`. None
//! may be cut, cross with the end of its connection, or be dropped with a connection that nobody took.

use libtest_mimic::Trial;
use ops_tests::{
    outside::needs,
    service::{Process, Service, QUIET, SOON},
    wait,
};
use rustix::process::Signal;
use serde_json::Value;
use std::{process::Command, time::Duration};
use tokio::time::sleep;

const RUNS: usize = 50;

/// So many connections of each protocol, and so many requests at once on each of HTTP/2.
const CONNECTIONS: &str = "12";
const STREAMS: &str = "4";

pub(crate) fn trials() -> Vec<Trial> {
    vec![needs(&[], "fifty_shutdowns_under_load_lose_no_request", fifty_shutdowns_lose_no_request)]
}

async fn fifty_shutdowns_lose_no_request() {
    let (mut answered, mut refused, mut under_way) = (0, 0, 0);
    for run in 0..RUNS {
        let delay = if run % 2 == 0 { "0s" } else { "150ms" };
        let ended = Box::pin(one(run, delay)).await;
        answered += ended.seen["answered"].as_u64().unwrap_or_default();
        refused += ended.seen["refused"].as_u64().unwrap_or_default();
        under_way += ended.finished;
    }
    println!(
        "{RUNS} shutdowns: {answered} requests answered, {under_way} of them after the signal, {refused} sent back"
    );
    assert!(under_way > RUNS as u64, "{under_way} under way when the signals came are no load");
}

struct Ended {
    seen: Value,
    finished: u64,
}

async fn one(run: usize, delay: &str) -> Ended {
    let shutdown = format!("[shutdown]\ntimeout = \"20s\"\ndrain_delay = \"{delay}\"\n");
    let mut service = Service::start(&format!("{QUIET}{shutdown}")).await;
    let mut volley = Command::new(env!("CARGO_BIN_EXE_volley"));
    volley.args([&service.server.to_string(), CONNECTIONS, STREAMS]);
    let mut volley = Process::begin(tempfile::tempdir().expect("a temporary folder"), volley);
    wait::holds("load", SOON, || volley.log().iter().any(|line| line == "under way")).await;
    // In another moment of the load each time.
    sleep(Duration::from_millis(20 + 7 * (run as u64 % 10))).await;
    service.process.signal(Signal::TERM);

    assert!(volley.ended(SOON * 3).await.success(), "the load came to its end");
    let seen: Value = volley.log().last().and_then(|line| serde_json::from_str(line).ok()).expect("its report");
    assert_eq!(service.process.ended(SOON).await.code(), Some(0), "run {run}: {seen}");
    let log = service.process.log();
    let last = log.iter().find(|line| line.contains("\"shutdown.finished\"")).expect("its last line");
    let last = serde_json::from_str::<Value>(last).expect("a line of JSON")["fields"].clone();
    for lost in ["wrong", "cut", "dropped", "crossed"] {
        assert!(seen[lost].is_null(), "run {run}, drain delay {delay}: {seen:#}");
    }
    assert_eq!(last["aborted"], 0, "{last}");
    Ended { seen, finished: last["finished"].as_u64().unwrap_or_default() }
}
