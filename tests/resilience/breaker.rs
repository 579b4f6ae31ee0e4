//! A breaker that a failing upstream has opened stays open through a hundred edits, and what another
//! has counted so far stays counted.
//!
//! Each edit is a save of a real file, half of them by rename and half in place. The witness that
//! nothing was let through is the upstream itself: its own count of requests.

use http::StatusCode;
use libtest_mimic::Trial;
use ops_tests::{
    client::Answer,
    outside::needs,
    scrape::Scrape,
    service::{Service, QUIET},
};
use serde_json::Value;
use std::time::{Duration, SystemTime};

const EDITS: u64 = 100;

/// So many failures open the circuit of the upstream at first.
const THRESHOLD: u64 = 3;

/// `pending` has seen so many of [`PATIENT`] failures when the edits begin.
const COUNTED: u64 = 4;
const PATIENT: u64 = 6;

/// How long the circuit is to stay open, in seconds: longer than the test, whatever the machine does.
const RESET: u64 = 1000;

/// Kinds of edits; each changes one thing, and comes again with another value.
const KINDS: u64 = 20;

pub(crate) fn trials() -> Vec<Trial> {
    vec![needs(&[], "an_open_breaker_stays_open_through_a_hundred_edits", stays_open_through_a_hundred_edits)]
}

/// The file after so many edits.
fn text(edits: u64) -> String {
    // How often an edit of this kind has been made.
    let made = |kind: u64| (edits + KINDS - kind) / KINDS;
    let on = |kind: u64, text: &str| if made(kind) % 2 == 1 { text.to_owned() } else { String::new() };
    format!(
        "# edited {c} times\n{QUIET}sampling_rate = 0.{sampled}\nenvironment = \"stage-{stage}\"\n\
         latency_buckets = [0.1, 1.{bucket}]\n[observability.logging]\nlevel = \"{level}\"\n\
         [limits]\nmax_in_flight = {flight}\n{timeout}[shutdown]\ntimeout = \"{end}s\"\n[probes]\ninterval = \"{probe}s\"\n\
         {check}[pools.main]\nurl = \"sqlite::memory:\"\nmin_connections = 1\nmax_connections = {pool}\n\
         [breakers.upstream]\nroutes = [\"/call\"{route}]\nfailure_threshold = {threshold}\nreset_timeout = \"{reset}s\"\n\
         failure_statuses = [\"5xx\"{status}]\n\
         failure_rate = {{ threshold = 0.{rate}, window = \"{window}s\", min_calls = {least} }}\n{slow}\
         [breakers.pending]\nroutes = [\"/fail\"]\nfailure_threshold = {patient}\n{other}\
         [breakers.default]\nhalf_open_max_calls = {trials}\n",
        c = made(1),
        sampled = 1 + made(2),
        stage = made(3),
        bucket = 1 + made(4),
        level = if made(5) % 2 == 1 { "warn" } else { "info" },
        flight = 1000 + made(6),
        timeout = on(7, "request_timeout = \"20s\"\n"),
        end = 10 + made(8),
        probe = 1 + made(9),
        check = on(10, "[probes.checks.main]\nkind = \"pool\"\npool = \"main\"\n"),
        pool = 2 + made(11),
        route = on(12, ", \"/elsewhere/**\""),
        threshold = THRESHOLD + made(13),
        reset = reset(edits),
        trials = 1 + made(15),
        status = on(16, ", \"404\""),
        rate = 5 + made(17) % 4,
        window = 10 + made(18),
        least = 20 + made(18),
        slow = on(
            19,
            "slow_calls = { slower_than = \"10s\", threshold = 0.9, window = \"10s\", min_calls = 30 }\n"
        ),
        patient = PATIENT - made(20) % 2,
        other = on(20, "[breakers.other]\nfailure_threshold = 1\n"),
    )
}

fn reset(edits: u64) -> u64 {
    RESET + 100 * ((edits + KINDS - 14) / KINDS)
}

/// The changes of state of a breaker, and whether it is in this one.
fn seen(scrape: &Scrape, breaker: &str, state: &str) -> (bool, u64) {
    let is = scrape.is_one("ops_breaker_state", &[("breaker", breaker), ("state", state)]);
    let changes =
        (0..1000_u32).find(|n| f64::from(*n) >= scrape.sum("ops_breaker_transitions_total", &[("breaker", breaker)]));
    (is, u64::from(changes.unwrap_or(u32::MAX)))
}

async fn calls(upstream: &Service) -> f64 {
    upstream.scrape().await.sum("http_server_request_duration_seconds_count", &[("http_route", "/fail")])
}

fn assert_refused(answer: &Answer, opened: SystemTime, edits: u64) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "edit {edits}: {}", answer.text());
    assert_eq!(answer.json()["reason"], "circuit_open", "edit {edits}");
    let left: u64 = answer.header("retry-after").parse().expect("seconds");
    let gone = opened.elapsed().expect("time goes on").as_secs();
    // Measured from when it opened, against the value in force; rounded up.
    assert!(left <= reset(edits) - gone + 1, "edit {edits}: {left} s of {} are left after {gone}", reset(edits));
    assert!(left + gone + 2 >= reset(edits), "edit {edits}: {left} s of {} are left after {gone}", reset(edits));
}

async fn stays_open_through_a_hundred_edits() {
    let upstream = Service::start(QUIET).await;
    let service = Service::start(&text(0)).await;
    let call = format!("/call?url=http://{}/fail", upstream.server);
    for _ in 0..COUNTED {
        let failed = service.get("/fail").await.expect("an answer");
        assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
    let opened = SystemTime::now();
    for _ in 0..THRESHOLD {
        let failed = service.get(&call).await.expect("an answer");
        assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR, "what the upstream said is passed on");
    }
    let at_upstream = calls(&upstream).await;

    let mut generation = 1;
    for edits in 1..=EDITS {
        save(&service, edits, &mut generation).await;
        assert_refused(&service.get(&call).await.expect("an answer"), opened, edits);
        let scrape = service.scrape().await;
        assert_eq!(seen(&scrape, "upstream", "open"), (true, 1), "edit {edits}");
        assert_eq!(seen(&scrape, "pending", "closed"), (true, 0), "edit {edits}");
    }
    assert_eq!(calls(&upstream).await.to_bits(), at_upstream.to_bits(), "nothing was let through");
    println!("{EDITS} edits, {generation} generations, {:?}", opened.elapsed().unwrap_or_default());

    // What was counted before the first edit still counts after the last.
    let patient = PATIENT - (EDITS / KINDS) % 2;
    for failure in COUNTED + 1..=patient {
        assert_eq!(seen(&service.scrape().await, "pending", "closed"), (true, 0), "before failure {failure}");
        service.get("/fail").await.expect("an answer");
    }
    assert_eq!(seen(&service.scrape().await, "pending", "open"), (true, 1));

    // And an edit is all it takes to try again.
    let short = text(EDITS).replace(&format!("reset_timeout = \"{}s\"", reset(EDITS)), "reset_timeout = \"10ms\"");
    service.save_by_rename(&short);
    let is_short = |config: &Value| config["value"]["breakers"]["upstream"]["reset_timeout"] == "10ms";
    service.config_once("the short time", is_short).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let tried = service.get(&call).await.expect("an answer");
    assert_eq!(tried.status, StatusCode::INTERNAL_SERVER_ERROR, "a trial reaches the upstream");
    assert!(calls(&upstream).await > at_upstream);
}

/// Saves, and sees the edit in force: as one generation, unless it says the same as before.
async fn save(service: &Service, edits: u64, generation: &mut u64) {
    let text = text(edits);
    if edits.is_multiple_of(2) {
        service.save_by_rename(&text);
    } else {
        service.save_in_place(&text);
    }
    if edits % KINDS == 1 {
        assert_eq!(service.reload().await["outcome"], "unchanged", "a comment is no change");
    } else {
        *generation += 1;
    }
    let wanted = *generation;
    let config = service.config_once("the edit", |config| config["generation"].as_u64() >= Some(wanted)).await;
    assert_eq!(config["generation"], wanted, "edit {edits} is one change");
    assert!(config["last_error"].is_null(), "edit {edits}: {config:#}");
}
