//! The forms of an answer, and many checks at once.

use super::{
    super::{CheckError, CheckFuture, Detail, HealthCheck, HealthChecker, HealthState, PoolPing, Probe, Question},
    probes::{Does, Fake},
};
use ops_config::section::{ProbeGroup, ProbesConfig};
use serde_json::{json, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::{advance, Instant};

fn checker() -> HealthChecker {
    let no_pools: PoolPing = Arc::new(|_| Box::pin(async { Err(CheckError::new("no pools")) }));
    HealthChecker::new("1.2.3", no_pools)
}

fn ask(checker: &HealthChecker, probe: Probe, query: &str) -> (HealthState, Value) {
    let answer = checker.answer(&Question::parse(probe, query));
    (answer.state, serde_json::from_slice(&answer.body).expect("a document"))
}

/// One that is well and one that is not.
async fn two() -> HealthChecker {
    let checker = checker();
    checker.add(Fake::new("db", Does::Fail)).expect("a new name");
    checker.add(Fake::new("cache", Does::Succeed)).expect("a new name");
    checker.first_round().await;
    checker
}

#[tokio::test(start_paused = true)]
async fn the_usual_answer_is_the_status_as_the_contract_has_it() {
    let checker = two().await;
    for (probe, status) in [
        (Probe::Readiness, checker.readiness()),
        (Probe::Startup, checker.startup()),
        (Probe::Liveness, checker.liveness()),
    ] {
        let (state, body) = ask(&checker, probe, "");
        assert_eq!((state, body), (status.status, serde_json::to_value(&status).expect("plain data")));
    }
    let text = checker.answer(&Question::plain(Probe::Readiness)).body;
    assert!(
        text.starts_with(b"{\"status\":\"unhealthy\",\"checks\":[{\"name\":\"cache\","),
        "what matters comes first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quiet_answer_names_nothing() {
    let checker = two().await;
    assert_eq!(ask(&checker, Probe::Readiness, "quiet"), (HealthState::Unhealthy, json!({"status": "unhealthy"})));
    assert_eq!(ask(&checker, Probe::Liveness, "quiet"), (HealthState::Healthy, json!({"status": "healthy"})));
}

#[tokio::test(start_paused = true)]
async fn a_verbose_answer_tells_what_the_verdict_stands_on() {
    let checker = two().await;
    advance(Duration::from_millis(1500)).await;
    let (_, body) = ask(&checker, Probe::Readiness, "verbose&exclude=nobody&exclude=cache");
    let expected = json!({
        "status": "unhealthy",
        "checks": [{
            "name": "db", "status": "unhealthy", "message": "refused", "duration_ms": 0,
            "age_ms": 1500, "failures": 1, "successes": 0, "groups": ["readiness", "startup"], "critical": true,
        }],
        "version": "1.2.3",
        "uptime_seconds": 1,
        "settings": {
            "interval_ms": 5000, "timeout_ms": 1000, "failure_threshold": 3, "success_threshold": 1,
            "stale_after_ms": 30_000,
        },
        "excluded": ["nobody", "cache"],
        "unknown": ["nobody"],
    });
    assert_eq!(body, expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_excluded_does_not_count_and_the_end_cannot_be_excluded() {
    let checker = two().await;
    let (state, body) = ask(&checker, Probe::Readiness, "exclude=db");
    assert_eq!((state, &body["checks"][0]["name"]), (HealthState::Healthy, &json!("cache")));
    assert_eq!(ask(&checker, Probe::Readiness, "exclude=other").0, HealthState::Unhealthy, "not by another name");
    assert_eq!(ask(&checker, Probe::Startup, "exclude=db").0, HealthState::Healthy);
    assert_eq!(ask(&checker, Probe::Startup, "").0, HealthState::Unhealthy, "a look with less is no start");
    checker.set_draining();
    let (state, body) = ask(&checker, Probe::Readiness, "exclude=db&exclude=shutdown&verbose");
    assert_eq!((state, &body["checks"][1]["name"]), (HealthState::Unhealthy, &json!("shutdown")));
    assert_eq!(
        checker.answer(&Question { detail: Detail::Quiet, ..Question::plain(Probe::Liveness) }).state,
        HealthState::Healthy
    );
}

/// A check that takes its time, by a name of its own.
struct Slow(String);

impl HealthCheck for Slow {
    fn name(&self) -> &str {
        &self.0
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(900)).await;
            Ok(())
        })
    }

    fn groups(&self) -> &[ProbeGroup] {
        &[ProbeGroup::Readiness]
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_checks_take_the_time_of_one_again_and_again() {
    let checker = checker();
    checker.apply(&toml::from_str::<ProbesConfig>("interval = \"1s\"").expect("valid"));
    for number in 0..100 {
        checker.add(Slow(format!("check-{number}"))).expect("a new name");
    }
    let begin = Instant::now();
    let mut results = checker.results_seen();
    for round in 1..=3 {
        while checker
            .answer(&Question::parse(Probe::Readiness, "verbose"))
            .body
            .windows(14)
            .filter(|at| at.starts_with(b"\"successes\":") && at[12] == b'0' + round)
            .count()
            < 100
        {
            results.changed().await.expect("the checker is there");
        }
        let most = Duration::from_millis(u64::from(round) * 1000);
        assert!(begin.elapsed() <= most, "round {round} after {:?}", begin.elapsed());
    }
    let (state, body) = ask(&checker, Probe::Readiness, "");
    assert_eq!((state, body["checks"].as_array().map(Vec::len)), (HealthState::Healthy, Some(100)));
}
