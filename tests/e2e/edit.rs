//! A save takes effect in the next requests, the metrics and `GET /config`, and nothing restarts.

use http::StatusCode;
use ops_tests::{
    client::{Answer, Client},
    service::{Service, QUIET, SOON},
    wait,
};
use std::time::Duration;

/// A request that took so long was struck: far above what a busy machine takes, well below the latency.
const PATIENT: Duration = Duration::from_secs(2);

/// Holds a connection for longer than a caller waits for one, by far.
const HOLD: &str = "/db?ms=5000";

/// A save, as the two kinds of editors make it.
type Save = fn(&Service, &str);

const SAVES: [(&str, Save); 2] = [("rename", Service::save_by_rename), ("in place", Service::save_in_place)];

/// Saves a text that says `new` where it said `old`, and waits for the generation after the one in force.
async fn save(service: &Service, how: Save, text: &mut String, old: &str, new: &str) {
    assert!(text.contains(old), "{old} stands in the file");
    let before = service.config().await["generation"].as_u64().expect("a number");
    *text = text.replace(old, new);
    how(service, text);
    let config = service.config_once("the next generation", |config| config["generation"] != before).await;
    assert_eq!(config["generation"], before + 1, "one change, one generation");
    assert_eq!(config["last_reload"]["outcome"], "applied");
    assert!(config["last_error"].is_null());
    let scrape = service.scrape().await;
    assert_eq!(scrape.value("ops_config_generation", &[]), config["generation"].as_f64());
    assert_eq!(scrape.label("ops_config_info", "sha256"), config["sha256"].as_str());
    assert!(scrape.is_one("ops_config_last_reload_successful", &[]));
}

async fn ask(service: &Service, path: &str, times: usize) -> Vec<Answer> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(service.get(path).await.expect("an answer"));
    }
    answers
}

/// All at once.
async fn ask_together(service: &Service, path: &str, times: usize) -> Vec<Answer> {
    let mut tasks = Vec::new();
    for _ in 0..times {
        let (client, server, path) = (service.client().clone(), service.server, path.to_owned());
        tasks.push(tokio::spawn(async move { client.get(server, &path).await.expect("an answer") }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("the task ends"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_sampling_rate_decides_the_next_traces() {
    for (kind, how) in SAVES {
        let mut text = format!("{QUIET}sampling_rate = 0.0\n");
        let service = Service::start(&text).await;
        let sampled = |scrape: &ops_tests::scrape::Scrape| scrape.sum("ops_traces_sampled_total", &[]);

        ask(&service, "/ok", 50).await;
        let none = sampled(&service.scrape().await);
        save(&service, how, &mut text, "sampling_rate = 0.0", "sampling_rate = 1.0").await;
        ask(&service, "/ok", 50).await;
        let all = sampled(&service.scrape().await);
        save(&service, how, &mut text, "sampling_rate = 1.0", "sampling_rate = 0.0").await;
        ask(&service, "/ok", 50).await;
        let after = sampled(&service.scrape().await);

        assert_eq!((none, all - none, after - all), (0.0, 50.0, 0.0), "{kind}");
        assert_eq!(service.config().await["value"]["observability"]["sampling_rate"], 0.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_threshold_opens_a_circuit_that_a_higher_one_left_closed() {
    for (kind, how) in SAVES {
        let mut text = format!("{QUIET}[breakers.upstream]\nroutes = [\"/fail\"]\nfailure_threshold = 1000\n");
        let service = Service::start(&text).await;
        let open = [("breaker", "upstream"), ("state", "open")];
        let closed = [("breaker", "upstream"), ("state", "closed")];

        let failed = ask(&service, "/fail", 10).await;
        assert!(failed.iter().all(|answer| answer.status == StatusCode::INTERNAL_SERVER_ERROR), "{kind}");
        assert!(service.scrape().await.is_one("ops_breaker_state", &closed), "always shown, {kind}");

        save(&service, how, &mut text, "failure_threshold = 1000", "failure_threshold = 3").await;
        let refused = ask(&service, "/fail", 5).await.pop().expect("the last of five");
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{kind}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert!(refused.text().contains("circuit_open"), "{}", refused.text());
        assert!(!refused.header("retry-after").is_empty());
        let scrape = service.scrape().await;
        assert!(scrape.is_one("ops_breaker_state", &open), "{kind}");
        assert!(scrape.sum("ops_requests_refused_total", &[("reason", "circuit_open")]) >= 1.0);
        assert_eq!(service.get("/ok").await.expect("an answer").status, StatusCode::OK, "another route, {kind}");

        // An edit elsewhere leaves the open circuit open.
        save(
            &service,
            how,
            &mut text,
            "failure_threshold = 3\n",
            "failure_threshold = 3\n[limits]\nmax_in_flight = 7\n",
        )
        .await;
        assert!(service.scrape().await.is_one("ops_breaker_state", &open), "{kind}");
        assert_eq!(service.get("/fail").await.expect("an answer").status, StatusCode::SERVICE_UNAVAILABLE, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_pool_bound_lets_more_callers_in() {
    // Side by side: the holds are long, so that a busy machine does not make one look like another.
    let [(one, by_rename), (other, in_place)] = SAVES;
    tokio::join!(lets_more_callers_in(one, by_rename), lets_more_callers_in(other, in_place));
}

async fn lets_more_callers_in(kind: &str, how: Save) {
    let pool =
        "[pools.main]\nurl = \"sqlite::memory:\"\nmin_connections = 1\nmax_connections = 1\nacquire_timeout = \"1s\"\n";
    let mut text = format!("{QUIET}{pool}");
    let service = Service::start(&text).await;
    let statuses = |answers: Vec<Answer>| {
        let served = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        (served, answers.len() - served)
    };

    assert_eq!(statuses(ask_together(&service, HOLD, 3).await), (1, 2), "{kind}");
    assert!(service.scrape().await.sum("db_client_connection_timeouts_total", &[("pool", "main")]) >= 2.0);
    save(&service, how, &mut text, "max_connections = 1", "max_connections = 3").await;
    assert_eq!(statuses(ask_together(&service, HOLD, 3).await), (3, 0), "{kind}");
    assert_eq!(service.config().await["value"]["pools"]["main"]["max_connections"], 3);

    save(&service, how, &mut text, "max_connections = 3", "max_connections = 2").await;
    wait::until("the pool within its new bound", SOON, || async {
        let open = service.scrape().await.sum("db_client_connection_count", &[("pool", "main")]);
        (open <= 2.0).then_some(())
    })
    .await;
    assert_eq!(statuses(ask_together(&service, HOLD, 3).await), (2, 1), "{kind}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_latency_slows_the_next_requests_and_its_end_frees_them() {
    for (kind, how) in SAVES {
        let chaos = "[chaos]\nenabled = true\nintensity = \"high\"\nduration = \"10m\"\nroutes = [\"/ok\"]\n[chaos.network]\nlatency = \"1ms\"\n";
        let mut text = format!("{QUIET}{chaos}");
        let service = Service::start(&text).await;
        let slow = |answers: &[Answer]| answers.iter().filter(|answer| answer.took >= PATIENT).count();

        assert!(service.scrape().await.is_one("ops_chaos_active", &[]), "{kind}");
        let before = ask_together(&service, "/ok", 40).await;
        save(&service, how, &mut text, "latency = \"1ms\"", "latency = \"3s\"").await;
        let during = ask_together(&service, "/ok", 40).await;
        assert!(slow(&during) > slow(&before) + 5, "half of forty are struck, {kind}");
        assert!(service.scrape().await.sum("ops_chaos_faults_total", &[("fault", "latency")]) >= 6.0);

        // Healing reaches the delays under way.
        save(&service, how, &mut text, "latency = \"3s\"", "latency = \"1m\"").await;
        let (client, server) = (service.client().clone(), service.server);
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.get(server, "/ok").await.expect("an answer") })
            })
            .collect();
        wait::until("a delay under way", SOON, || async {
            let held = service.scrape().await.sum("http_server_active_requests", &[]);
            (held >= 1.0).then_some(())
        })
        .await;
        save(&service, how, &mut text, "enabled = true", "enabled = false").await;
        for task in waiting {
            let answer = tokio::time::timeout(SOON, task).await.expect("healed at once").expect("the task ends");
            assert_eq!(answer.status, StatusCode::OK, "{kind}");
        }
        assert_eq!(service.scrape().await.value("ops_chaos_active", &[]), Some(0.0), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_address_is_bound_before_the_old_one_is_left() {
    let mut text = QUIET.to_owned();
    let service = Service::start(&text).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let listen = format!("[server]\nlisten = \"{free}\"");
    save(&service, Service::save_by_rename, &mut text, "[server]\nlisten = \"127.0.0.1:0\"", &listen).await;
    let answer = service.client().get(free, "/ok").await.expect("the new address answers");
    assert_eq!(answer.status, StatusCode::OK);
    wait::until("the end of the old listener", SOON, || async {
        std::net::TcpStream::connect(service.server).is_err().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_that_means_the_same_changes_nothing() {
    let service = Service::start(QUIET).await;
    let before = service.config().await;
    service.save_by_rename(&format!("# a remark\n{QUIET}"));
    let unchanged = |config: &serde_json::Value| config["last_reload"]["outcome"] == "unchanged";
    let after = service.config_once("the look at the file", unchanged).await;
    for part in ["generation", "sha256", "loaded_at", "value"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert!(service.scrape().await.is_one("ops_config_reloads_total", &[("outcome", "unchanged")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_ask_for_a_reload_leads_to_the_same() {
    let service = Service::start(&format!("{QUIET}[reload]\npoll_interval = \"5m\"\n")).await;
    let json = [("content-type", "application/json")];
    let asked = service.client().send(service.admin, http::Method::POST, "/config/reload", &json, "").await;
    assert_eq!(asked.expect("an answer").json()["outcome"], "unchanged");
    service.process.signal(rustix::process::Signal::HUP);
    wait::until("a look for SIGHUP", SOON, || async {
        (service.scrape().await.sum("ops_config_reloads_total", &[("outcome", "unchanged")]) >= 2.0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_that_is_saved_is_what_is_logged_from_then_on() {
    let service = Service::start(QUIET).await;
    // Only libraries have so much to say, and those of HTTP/2 say it of each request.
    let says = |level: &'static str| {
        let service = &service;
        async move {
            Client::http2().get(service.server, "/ok").await.expect("an answer");
            let field = format!(r#""level":"{level}""#);
            service.process.log().iter().any(|line| line.contains(&field)).then_some(())
        }
    };
    assert_eq!(says("DEBUG").await, None);
    for (saved, level) in [("debug", "DEBUG"), ("trace", "TRACE")] {
        service.save_by_rename(&format!("{QUIET}logging.level = {saved:?}\n"));
        wait::until(level, SOON, || says(level)).await;
    }
}
