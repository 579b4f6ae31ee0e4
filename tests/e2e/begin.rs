//! What stands after a start, and what a start that cannot be says.

use ops_tests::{
    client::Client,
    program,
    service::{Process, Service, QUIET, SOON},
    wait,
};
use std::process::Output;

/// The memory of the idle process, by the issue.
const MOST_RESIDENT_KIB: u64 = 30 * 1024;

/// Starts on this text and waits for the end.
async fn refused(text: &str) -> (Option<i32>, String) {
    let mut process = Process::spawn(text);
    let status = process.ended(SOON).await;
    (status.code(), process.said().join("\n"))
}

fn run(arguments: &[&str]) -> Output {
    program::command().args(arguments).output().expect("the program runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_user_is_told_what_to_edit_and_where_to_look() {
    let service = Service::start(QUIET).await;
    let said = service.process.said();
    let told = format!("edit ops.toml, watch http://{}", service.admin);
    assert!(said.contains(&told), "{said:?}");
    for client in [Client::http1(), Client::http2()] {
        let answer = client.get(service.server, "/ok").await.expect("both protocols on one port");
        assert_eq!((answer.status.as_u16(), answer.text().trim()), (200, "ok"));
    }
    for probe in ["/livez", "/readyz", "/startupz"] {
        let answer = service.client().get(service.metrics, probe).await.expect("an answer");
        assert_eq!(answer.status.as_u16(), 200, "{probe}");
        let health = answer.json();
        assert_eq!(health["status"], "healthy", "{probe}");
        assert!(health["version"].is_string() && health["uptime_seconds"].is_u64() && health["checks"].is_array());
    }
    let counted = service.scrape().await;
    let labels = [("http_request_method", "GET"), ("http_response_status_code", "200")];
    assert!(counted.sum("http_server_request_duration_seconds_count", &labels) >= 2.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_does_what_it_says() {
    let service = Service::start(&format!("{QUIET}[pools.main]\nurl = \"sqlite::memory:\"\n")).await;
    let json = [("content-type", "application/json")];
    let made = service.client().send(service.server, http::Method::POST, "/items", &json, "{\"name\":\"pen\"}").await;
    let made = made.expect("an answer");
    assert_eq!(made.status.as_u16(), 201, "{}", made.text());
    let path = format!("/items/{}", made.json()["id"]);
    assert_eq!(service.get(&path).await.expect("an answer").json()["name"], "pen");
    let logged = || service.process.log().iter().any(|line| line.contains("item read") && line.contains("trace_id"));
    wait::holds("the line that reading an item logs", SOON, logged).await;
    assert_eq!(service.get("/fail").await.expect("an answer").status.as_u16(), 500);
    let streamed = service.get("/stream?chunks=5&ms=1").await.expect("an answer");
    assert_eq!(streamed.text().lines().count(), 5);
    let called = service.get(&format!("/call?url=http://{}/ok", service.server)).await.expect("an answer");
    assert_eq!((called.status.as_u16(), called.text().trim()), (200, "ok"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_process_is_small() {
    let service = Service::start(QUIET).await;
    service.get("/ok").await.expect("an answer");
    let resident = service.process.resident().expect("the kernel says");
    // A debug build carries more; the bound is the release's.
    assert!(cfg!(debug_assertions) || resident <= MOST_RESIDENT_KIB, "{resident} KiB resident");
    println!("idle: {resident} KiB resident");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_a_broken_file_says_everything_that_is_wrong() {
    let text = format!("{QUIET}sampling_rate = 2\nsampling_rat = 1\n[breakers.a]\nfailure_threshold = 0\n");
    let (code, said) = refused(&text).await;
    assert_eq!(code, Some(1), "{said}");
    for part in ["sampling_rate", "sampling_rat`", "breakers.a.failure_threshold", "ops.toml:9:", "3 to fix"] {
        assert!(said.contains(part), "{part} in:\n{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_machine_refuses_is_one_clear_line_that_names_the_key() {
    let neighbour = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = neighbour.local_addr().expect("its address").port();
    let pool = |url: &str| format!("{QUIET}[pools.main]\nurl = \"{url}\"\n");
    let cases = [
        ("server.listen", QUIET.replacen("127.0.0.1:0", &format!("127.0.0.1:{port}"), 1)),
        (
            "admin.listen",
            QUIET.replace("[admin]\nlisten = \"127.0.0.1:0\"", &format!("[admin]\nlisten = \"127.0.0.1:{port}\"")),
        ),
        ("observability.metrics_port", QUIET.replace("metrics_port = 0", &format!("metrics_port = {port}"))),
        ("pools.main.url", pool("sqlite://no-such-folder/main.db?mode=rwc")),
        ("pools.main.url", pool("sqlite:///proc/main.db?mode=rwc")),
        ("pools.main.url", pool("sqlite://ops.toml/main.db?mode=rwc")),
    ];
    for (key, text) in cases {
        let (code, said) = refused(&text).await;
        assert_eq!(code, Some(1), "{said}");
        let naming: Vec<&str> = said.lines().filter(|line| line.contains(key) && line.contains("error")).collect();
        assert_eq!(naming.len(), 1, "one line names {key}:\n{said}");
        assert!(!said.contains("panicked") && !said.contains("listening"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = run(&["serve", "--config", "/no/such/ops.toml"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("/no/such/ops.toml"), "{said}");
}

#[test]
fn check_answers_with_its_exit_code() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let good = path("good.toml", QUIET);
    let bad = path("bad.toml", &format!("{QUIET}sampling_rate = 2\n"));
    assert_eq!(run(&["check", &good]).status.code(), Some(0));
    assert_eq!(run(&["check", &bad]).status.code(), Some(1));
    assert_eq!(run(&["check", &good, &bad]).status.code(), Some(1));
    assert_eq!(run(&["check", "--no-such-option"]).status.code(), Some(2));

    let human = run(&["check", &good, &bad]);
    let said = String::from_utf8_lossy(&human.stdout);
    assert!(
        said.contains("good.toml: valid") && said.contains("bad.toml:8:17") && said.ends_with("1 to fix\n"),
        "{said}"
    );
    let json = run(&["check", "--format", "json", &good, &bad]);
    let told: serde_json::Value = serde_json::from_slice(&json.stdout).expect("one document");
    assert_eq!((&told["files"][0]["valid"], &told["files"][1]["valid"]), (&true.into(), &false.into()));
    assert_eq!(told["files"][1]["report"]["violations"][0]["line"], 8);
}
