//! A service whose handlers hold every thread of its runtime: it answers its probes, and it ends when it is told to.
//!
//! The clients are plain sockets on threads of the test, so that nothing of theirs waits for a runtime.

use axum::{routing::get, Router};
use ops_config::source::Sources;
use ops_layer::{telemetry::Telemetry, Ops};
use rustix::process::{getpid, kill_process, Signal};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{mpsc, Arc, Mutex},
    thread,
    time::Duration,
};

/// The threads that serve requests.
const WORKERS: usize = 2;
/// More than those: what a busy thread has put off, no other takes from it.
const CLIENTS: usize = 8;
/// An orchestrator's patience, and more: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_millis(500);
const GRACE: Duration = Duration::from_secs(1);

const CONFIG: &str = r#"version = 1
[server]
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[observability]
metrics_port = 0
[probes.checks.memory]
kind = "memory"
min_available = "1KiB"
[shutdown]
timeout = "500ms"
"#;

/// What the operator's and the orchestrator's listeners answer, status line and body.
fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the kernel accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap_or_else(|error| panic!("{path}: {error}"));
    answer
}

/// Feature: production-excellence, Property 4: gone by the timeout and a second, though handlers that never yield hold
/// every thread; and until then probes, metrics and the operator are answered.
#[test]
fn with_every_thread_held_the_probes_are_answered_and_the_end_comes_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ops.toml");
    std::fs::write(&file, CONFIG).expect("a file");
    let (shut, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let (entered, held) = mpsc::channel::<()>();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.expect("a runtime");

    let (ops, server) = runtime.block_on(async {
        let telemetry = Telemetry::with_output(std::io::sink());
        let ops = Ops::start_with(Sources::from_file(&file), telemetry).await.expect("a valid configuration");
        ops.health().first_round().await;
        let server = ops.bind().await.expect("a free port");
        (ops, server)
    });
    let app = Router::new().route(
        "/hold",
        get(move || async move {
            entered.send(()).expect("the test waits");
            // One waits for the gate and the others for the lock: all of them hold their thread.
            let _ = gate.lock().map(|gate| gate.recv());
        }),
    );
    let (address, metrics) = (server.address(), ops.metrics_address().expect("bound"));
    let admin = ops.admin_address().expect("bound");
    let app = app.layer(ops.layer());

    for _ in 0..CLIENTS {
        thread::spawn(move || {
            // Queues up until the service takes it.
            TcpStream::connect(address).map(|mut stream| {
                let _ = stream.write_all(b"GET /hold HTTP/1.1\r\nhost: test\r\n\r\n");
                let _ = stream.read(&mut [0; 64]);
            })
        });
    }
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        let _ = done.send(runtime.block_on(server.serve(app)));
        runtime.shutdown_background();
    });
    for _ in 0..WORKERS {
        held.recv_timeout(PATIENCE).expect("a handler runs");
    }
    assert!(ask(metrics, "/livez").starts_with("HTTP/1.1 200"));
    let ready = ask(metrics, "/readyz");
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("\"memory\""), "{ready}");
    assert!(ask(metrics, "/startupz").starts_with("HTTP/1.1 200"));
    let scrape = ask(metrics, "/metrics");
    assert!(scrape.contains(&format!("http_server_active_requests {WORKERS}")), "{scrape}");
    assert!(ask(admin, "/config").starts_with("HTTP/1.1 200"));

    kill_process(getpid(), Signal::TERM).expect("ourselves");
    let report = ended.recv_timeout(PATIENCE).expect("it ends").expect("it served");
    assert_eq!(report.aborted, WORKERS as u64, "{report:?}");
    assert!(report.took < TIMEOUT + GRACE, "{report:?}");
    drop(shut);
    drop(ops);
}
