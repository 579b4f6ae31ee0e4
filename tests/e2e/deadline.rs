//! Property 4: whatever hangs, the process is gone by its deadline.

use ops_tests::{
    client::Client,
    service::{Service, QUIET, SOON},
    wait,
};
use rustix::process::Signal;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

const TIMEOUT: Duration = Duration::from_millis(700);
const GRACE: Duration = Duration::from_secs(1);

async fn start(rest: &str) -> Service {
    Service::start(&format!("{QUIET}{rest}\n[shutdown]\ntimeout = \"{}ms\"\n", TIMEOUT.as_millis())).await
}

/// Ends it and sees it gone in time.
async fn gone_in_time(mut service: Service) {
    service.process.signal(Signal::TERM);
    service.process.ended(TIMEOUT + GRACE).await;
}

async fn under_way(service: &Service, requests: f64) {
    wait::until("the requests", SOON, || async {
        (service.scrape().await.sum("http_server_active_requests", &[]) >= requests).then_some(())
    })
    .await;
}

/// Feature: production-excellence, Property 4: gone by the timeout and a second, with requests that never end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_do_not_end_are_cut() {
    let service = start("[pools.main]\nurl = \"sqlite::memory:\"").await;
    for client in [Client::http1(), Client::http2()] {
        for path in ["/slow?ms=60000", "/stream?chunks=1000&ms=1000", "/db?ms=60000"] {
            let (client, server) = (client.clone(), service.server);
            tokio::spawn(async move { client.get(server, path).await });
        }
    }
    under_way(&service, 6.0).await;
    let held = service.scrape().await.sum("db_client_connection_count", &[("state", "used")]);
    assert!(held >= 2.0, "{held} connections are held");
    gone_in_time(service).await;
}

/// Feature: production-excellence, Property 4: gone by the timeout and a second, with half a request head.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_request_head_does_not_hold_it() {
    let service = start("").await;
    let mut half = TcpStream::connect(service.server).expect("a connection");
    half.write_all(b"GET /ok HTTP/1.1\r\nHost: a\r\nX-Half: ").expect("half a head");
    let silent = TcpStream::connect(service.server).expect("a connection");
    // A client of HTTP/2 that says who it is and then answers nothing, not even a GOAWAY.
    let mut deaf = TcpStream::connect(service.server).expect("a connection");
    deaf.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").expect("a preface");
    deaf.read_exact(&mut [0; 9]).expect("the server's settings");
    let mut others = Vec::new();
    for listener in [service.metrics, service.admin] {
        let mut half = TcpStream::connect(listener).expect("a connection");
        half.write_all(b"GET /").expect("half a line");
        others.push(half);
    }
    gone_in_time(service).await;
    drop((half, silent, deaf, others));
}

/// Feature: production-excellence, Property 4: gone by the timeout and a second, with a dead collector and a stuck check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_collector_and_a_stuck_check_do_not_hold_it() {
    // It takes connections and never answers.
    let dead = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = dead.local_addr().expect("its address");
    for protocol in ["grpc", "http/protobuf"] {
        let rest = format!(
            "sampling_rate = 1.0\notlp_endpoint = \"http://{address}\"\notlp_protocol = \"{protocol}\"\n\
             [probes]\ninterval = \"100ms\"\ntimeout = \"1m\"\nstale_after = \"5m\"\n\
             [probes.checks.stuck]\nkind = \"http\"\nurl = \"http://{address}/\"\n"
        );
        let service = start(&rest).await;
        for _ in 0..20 {
            service.get("/ok").await.expect("an answer");
        }
        gone_in_time(service).await;
    }
}

/// Feature: production-excellence, Property 4: nothing under way, gone at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_process_does_not_wait_for_idle_connections() {
    let mut service = start("").await;
    let client = Client::http2();
    client.get(service.server, "/ok").await.expect("an answer");
    service.get("/ok").await.expect("an answer");
    service.process.signal(Signal::TERM);
    assert_eq!(service.process.ended(TIMEOUT).await.code(), Some(0));
}
