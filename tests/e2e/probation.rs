//! A save that breaks the service is taken back within its probation, and an operator can take back any.

use http::{Method, StatusCode};
use ops_tests::{
    client::Answer,
    service::{Service, QUIET, SOON},
    wait,
};
use serde_json::Value;
use std::{cell::Cell, time::Duration};
use tokio::net::TcpSocket;

/// Far longer than a verdict takes, so that none of these is a verdict of time.
const WATCHED: &str = "[reload]\nprobation = \"5m\"\n";

fn watched(rest: &str) -> String {
    format!("{QUIET}{WATCHED}{rest}")
}

async fn operator(service: &Service, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let headers = [headers, &[("content-type", "application/json")]].concat();
    service.client().send(service.admin, method, path, &headers, "").await.expect("the operator's listener answers")
}

/// The generations, the newest first.
async fn history(service: &Service) -> Vec<Value> {
    let answer = operator(service, Method::GET, "/config/history", &[]).await.json();
    answer["generations"].as_array().expect("a list").clone()
}

/// `/config` after a rollback to the first configuration, and its place in history, log and metrics.
async fn rolled_back(service: &Service, reason: &str) {
    let config = service.config_once("the rollback", |config| config["generation"] == 3).await;
    assert_eq!(config["last_reload"]["outcome"], "rolled_back");
    assert_eq!(config["last_error"]["code"], "OPS305", "{config}");
    let message = config["last_error"]["message"].as_str().expect("a text");
    assert!(message.contains("generation 2") && message.contains(reason), "{message}");

    let history = history(service).await;
    let [third, second, first] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!((&third["cause"], &third["trigger"]), (&"rollback".into(), &"probation".into()));
    assert_eq!((&third["gave_up"], &third["restored"]), (&2.into(), &1.into()));
    assert!(third["reason"].as_str().is_some_and(|text| text.contains(reason)), "{third}");
    assert_eq!(
        (&second["cause"], &second["trigger"], &second["probation"]),
        (&"reload".into(), &"file".into(), &"failed".into())
    );
    assert_eq!((&first["cause"], &first["sha256"]), (&"start".into(), &third["sha256"]));
    assert_eq!(second["differences"].as_array().map(Vec::len), third["differences"].as_array().map(Vec::len));

    let scrape = service.scrape().await;
    assert_eq!(scrape.value("ops_config_reloads_total", &[("outcome", "rolled_back")]), Some(1.0));
    assert_eq!(scrape.value("ops_config_last_reload_successful", &[]), Some(0.0));
    let logged = || {
        let log = service.process.log();
        let told = |words: &[&str]| log.iter().any(|line| words.iter().all(|word| line.contains(word)));
        told(&["config.probation", "failed", reason]) && told(&["config.reload", "rolled_back"])
    };
    wait::holds("the log", SOON, logged).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeout_that_makes_requests_fail_is_taken_back() {
    let service = Service::start(&watched("")).await;
    let status = || async { service.get("/slow?ms=20").await.expect("an answer").status };
    for _ in 0..30 {
        assert_eq!(status().await, StatusCode::OK);
    }
    service.save_by_rename(&watched("[limits]\nrequest_timeout = \"1ms\"\n"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    let failed = Cell::new(0);
    wait::until("the rollback", SOON, || async {
        let status = status().await;
        failed.set(failed.get() + usize::from(status == StatusCode::GATEWAY_TIMEOUT));
        (service.config().await["generation"] == 3).then_some(())
    })
    .await;
    assert!(failed.get() > 0);
    rolled_back(&service, "requests failed").await;
    for _ in 0..30 {
        assert_eq!(status().await, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breaker_that_opens_at_once_is_taken_back_and_refuses_nobody_after() {
    let breaker = |threshold: u32| {
        watched(&format!(
            "[breakers.all]\nroutes = [\"/**\"]\nfailure_threshold = {threshold}\nreset_timeout = \"1h\"\n"
        ))
    };
    let service = Service::start(&breaker(100)).await;
    assert_eq!(service.get("/fail").await.expect("an answer").status, StatusCode::INTERNAL_SERVER_ERROR);
    service.save_by_rename(&breaker(1));
    service.config_once("the save", |config| config["generation"] == 2).await;
    service.get("/fail").await.expect("an answer");
    rolled_back(&service, "a circuit breaker opened").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_takes_readiness_away_is_taken_back_with_its_readiness() {
    let service = Service::start(&watched("")).await;
    // Bound and never listened on: nobody answers there, and nobody else comes to do so.
    let silent = TcpSocket::new_v4().expect("a socket");
    silent.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let check =
        format!("[probes]\ninterval = \"1s\"\n[probes.checks.peer]\nkind = \"tcp\"\naddress = \"127.0.0.1:{port}\"\n");
    service.save_by_rename(&watched(&check));
    rolled_back(&service, "not ready").await;
    let ready = service.client().get(service.metrics, "/readyz").await.expect("an answer");
    assert_eq!(ready.status, StatusCode::OK, "{}", ready.text());
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_that_breaks_nothing_passes_and_says_so() {
    let service = Service::start(QUIET).await;
    service.save_by_rename(&format!("{QUIET}[reload]\nprobation = \"300ms\"\n"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    wait::until("the verdict", SOON, || async { (history(&service).await[0]["probation"] == "passed").then_some(()) })
        .await;
    wait::holds("the log", SOON, || {
        service.process.log().iter().any(|line| line.contains("config.probation") && line.contains("passed"))
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(service.config().await["generation"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_takes_back_what_he_has_seen_and_nothing_else() {
    let service = Service::start(QUIET).await;
    let none = operator(&service, Method::POST, "/config/rollback", &[]).await;
    assert_eq!((none.status, none.header("content-type")), (StatusCode::CONFLICT, "application/problem+json"));
    let old = operator(&service, Method::GET, "/config", &[]).await.header("etag").to_owned();
    service.save_by_rename(&format!("{QUIET}sampling_rate = 0.5\n"));
    service.config_once("the save", |config| config["generation"] == 2).await;
    for path in ["/config/rollback", "/config/reload"] {
        let refused = operator(&service, Method::POST, path, &[("if-match", &old)]).await;
        assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{path}");
    }
    let seen = operator(&service, Method::GET, "/config", &[]).await;
    assert_eq!(seen.json()["generation"], 2, "who is refused changes nothing");
    let undone = operator(&service, Method::POST, "/config/rollback", &[("if-match", seen.header("etag"))]).await;
    assert_eq!((undone.status, undone.json()["outcome"].clone()), (StatusCode::OK, "rolled_back".into()));
    assert_eq!((undone.json()["generation"].clone(), undone.json()["from"].clone()), (3.into(), 2.into()));
    let now = operator(&service, Method::GET, "/config", &[("if-none-match", undone.header("etag"))]).await;
    assert_eq!(now.status, StatusCode::NOT_MODIFIED, "the answer's tag is that of what it made");
    let again = operator(&service, Method::POST, "/config/reload", &[("if-match", "*")]).await;
    assert_eq!((again.status, again.json()["stage"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, "build".into()));
    assert_eq!(service.config().await["value"]["observability"]["sampling_rate"], 0.1);
}
