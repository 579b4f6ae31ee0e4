//! The log follows the file, and no reader of it, nor the want of one, makes a request wait.

use http::StatusCode;
use ops_tests::{
    service::{Process, Service, QUIET, SOON},
    wait,
};
use rustix::process::Signal;
use serde_json::Value;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    time::Duration,
};

/// A request that took so long was held up: far above what a busy machine takes.
const HELD_UP: Duration = Duration::from_secs(5);

/// More requests than it takes to fill what waits to be written and the pipe behind it.
const ENOUGH: usize = 4000;

/// The lines of an event.
fn said(service: &Service, event: &str) -> Vec<Value> {
    let lines = service.process.log();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
    lines.filter(|line| line["event"] == event).collect()
}

async fn save(service: &Service, text: &str) {
    let before = service.config().await["generation"].clone();
    service.save_by_rename(text);
    service.config_once("the next generation", |config| config["generation"] != before).await;
}

async fn ask(service: &Service, path: &str, times: usize) {
    for _ in 0..times {
        service.get(path).await.expect("an answer");
    }
}

/// Waits until a line of the program's own says that all before it has been written.
async fn written(service: &Service, lines: usize, event: &str) -> Vec<Value> {
    let enough = || std::future::ready(Some(said(service, event)).filter(|said| said.len() >= lines));
    wait::until(event, SOON, enough).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_level_and_form_hold_from_the_next_line_on() {
    let text = |logging: &str| format!("{QUIET}logging = {{ {logging} }}\n");
    let service = Service::start(&text("access_rate = 1.0")).await;
    ask(&service, "/status", 2).await;
    written(&service, 2, "http.request").await;
    save(&service, &text("access_rate = 1.0, level = \"info,ops_layer::access=off\"")).await;
    ask(&service, "/status", 3).await;
    save(&service, &text("access_rate = 1.0, level = \"info\"")).await;
    ask(&service, "/later", 1).await;
    let lines = written(&service, 3, "http.request").await;
    let paths: Vec<&Value> = lines.iter().map(|line| &line["fields"]["url_path"]).collect();
    assert_eq!(paths, ["/status", "/status", "/later"]);

    save(&service, &text("access_rate = 1.0, format = \"pretty\"")).await;
    ask(&service, "/pretty", 1).await;
    let pretty = || {
        service
            .process
            .log()
            .iter()
            .any(|line| line.contains(" http.request: request ended ") && line.contains("url_path=\"/pretty\""))
    };
    wait::holds("the line for people", SOON, pretty).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saved_access_rules_decide_which_requests_get_a_line() {
    let service = Service::start(QUIET).await;
    ask(&service, "/ok", 5).await;
    let rules = "[[observability.logging.access_rules]]\nstatuses = [\"5xx\"]\nrate = 1.0\n\
                 [[observability.logging.access_rules]]\nroute = \"/slow\"\nrate = 0.5\n";
    save(&service, &format!("{QUIET}{rules}")).await;
    for _ in 0..4 {
        ask(&service, "/ok", 5).await;
        ask(&service, "/slow", 1).await;
        ask(&service, "/fail", 1).await;
    }
    let lines = written(&service, 6, "http.request").await;
    let count = |path: &str| lines.iter().filter(|line| line["fields"]["url_path"] == path).count();
    assert_eq!((count("/fail"), count("/slow"), count("/ok")), (4, 2, 0));
    for line in lines {
        let fields = &line["fields"];
        assert!(line["trace_id"].is_string() && fields["duration_ms"].is_number(), "{line}");
        assert_eq!((&fields["client_address"], &fields["http_request_method"]), (&"127.0.0.1".into(), &"GET".into()));
        assert_eq!(fields["error_type"].as_str(), (fields["url_path"] == "/fail").then_some("500"));
    }
}

/// A service that writes to what the shell makes of `output`.
async fn writing_to(output: &str) -> Service {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = format!("{QUIET}logging = {{ access_rate = 1.0 }}\n[shutdown]\ntimeout = \"2s\"\n");
    std::fs::write(folder.path().join("ops.toml"), text).expect("a file in it");
    Service::of(Process::spawn_by(folder, "ops.toml", &["/bin/sh", "-c", output])).await
}

const STUCK: &str = "mkfifo stuck && exec \"$0\" \"$@\" 1<>stuck";

async fn dropped(service: &Service) -> f64 {
    service.scrape().await.sum("ops_log_lines_dropped_total", &[])
}

/// Asks until lines are dropped; none of the requests notices.
async fn ask_until_lines_are_dropped(service: &Service) {
    let path = format!("/{}", "long".repeat(250));
    for asked in 0..ENOUGH {
        let answer = tokio::time::timeout(HELD_UP, service.get(&path)).await.expect("no request is held up");
        assert_eq!(answer.expect("an answer").status, StatusCode::NOT_FOUND);
        if asked % 100 == 99 && dropped(service).await > 0.0 {
            return;
        }
    }
    panic!("{ENOUGH} requests, and no line was dropped");
}

/// Feature: production-excellence, Property 4: gone by the timeout and a second, with a log that nobody reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_reads_holds_up_no_request_and_not_the_end() {
    let mut service = writing_to(STUCK).await;
    ask_until_lines_are_dropped(&service).await;
    service.process.signal(Signal::TERM);
    let status = service.process.ended(Duration::from_secs(3)).await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_comes_late_is_told_how_many_lines_it_missed() {
    let service = writing_to(STUCK).await;
    ask_until_lines_are_dropped(&service).await;
    let pipe = File::open(service.process.folder().join("stuck")).expect("the pipe");
    let reader = std::thread::spawn(move || {
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        lines.find_map(|line| {
            let line: Value = serde_json::from_str(&line).expect("every line is whole");
            (line["event"] == "log.lines_dropped").then(|| line["fields"]["lines"].as_f64())
        })
    });
    let is_told = || reader.is_finished();
    wait::holds("the line that tells", SOON, is_told).await;
    let told = reader.join().expect("it reads on").flatten();
    assert_eq!(told, Some(dropped(&service).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_is_counted_and_nothing_else() {
    for output in ["mkfifo gone && { (: <gone) & } && exec \"$0\" \"$@\" >gone", "exec \"$0\" \"$@\" >/dev/full"] {
        let mut service = writing_to(output).await;
        wait::until("lines that are lost", SOON, || async {
            ask(&service, "/ok", 10).await;
            (dropped(&service).await >= 10.0).then_some(())
        })
        .await;
        service.process.signal(Signal::TERM);
        assert_eq!(service.process.ended(SOON).await.code(), Some(0), "{output}");
        let said = service.process.said().join("\n");
        assert!(!said.contains("panicked"), "{said}");
    }
}
