//! Answers to probes, on a paused clock.

use super::super::{AddCheckError, CheckError, CheckFuture, HealthCheck, HealthChecker, HealthState, PoolPing};
use ops_config::section::{ProbeGroup, ProbesConfig};
use std::{
    future::pending,
    sync::{
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc, Arc, Mutex,
    },
    time::Duration,
};
use tokio::time::{advance, sleep, Instant};

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Does {
    Succeed,
    Fail,
    Hang,
    Panic,
}

#[derive(Clone)]
pub(super) struct Fake {
    name: &'static str,
    does: Arc<Mutex<Does>>,
    runs: Arc<AtomicU32>,
    groups: Vec<ProbeGroup>,
    is_critical: bool,
}

impl Fake {
    pub(super) fn new(name: &'static str, does: Does) -> Self {
        let groups = vec![ProbeGroup::Readiness, ProbeGroup::Startup];
        Self { name, does: Arc::new(Mutex::new(does)), runs: Arc::default(), groups, is_critical: true }
    }

    fn now(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }
}

impl HealthCheck for Fake {
    fn name(&self) -> &str {
        self.name
    }

    fn check(&self) -> CheckFuture<'_> {
        let does = *self.does.lock().unwrap();
        self.runs.fetch_add(1, SeqCst);
        Box::pin(async move {
            match does {
                Does::Succeed => Ok(()),
                Does::Fail => Err(CheckError::new("refused")),
                Does::Hang => pending().await,
                Does::Panic => panic!("a bug in the check"),
            }
        })
    }

    fn groups(&self) -> &[ProbeGroup] {
        &self.groups
    }

    fn is_critical(&self) -> bool {
        self.is_critical
    }
}

fn no_pools() -> PoolPing {
    Arc::new(|name| Box::pin(async move { Err(CheckError::new(format_args!("no pool {name}"))) }))
}

fn checker() -> HealthChecker {
    HealthChecker::new("1.2.3", no_pools())
}

fn probes(text: &str) -> ProbesConfig {
    toml::from_str(text).expect("valid")
}

/// Lets every check run once more, and a little longer than its time limit.
async fn a_round() {
    sleep(Duration::from_millis(6100)).await;
}

#[tokio::test(start_paused = true)]
async fn without_checks_all_is_well() {
    let checker = checker();
    for answer in [checker.liveness(), checker.startup(), checker.readiness()] {
        assert_eq!((answer.status, answer.is_success()), (HealthState::Healthy, true));
    }
}

#[tokio::test(start_paused = true)]
async fn the_start_waits_for_the_first_round() {
    let checker = checker();
    checker.add(Fake::new("db", Does::Succeed)).expect("a new name");
    assert!(!checker.startup().is_success());
    assert!(!checker.readiness().is_success());
    assert!(checker.liveness().is_success());
    checker.first_round().await;
    assert!(checker.startup().is_success());
    assert!(checker.readiness().is_success());
}

#[tokio::test(start_paused = true)]
async fn checks_run_beside_each_other_and_no_probe_waits_for_them() {
    let checker = checker();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"] {
        checker.add(Fake::new(name, Does::Hang)).expect("a new name");
    }
    let begin = Instant::now();
    let answer = checker.readiness();
    assert_eq!(answer.checks.len(), 15);
    checker.first_round().await;
    assert!(begin.elapsed() < Duration::from_millis(1100), "one time limit, not fifteen");
    assert!(checker.readiness().checks[0].message.as_ref().is_some_and(|message| message.contains("within 1s")));
}

#[tokio::test(start_paused = true)]
async fn one_hiccup_does_not_fail_readiness_and_three_do() {
    let checker = checker();
    let db = Fake::new("db", Does::Succeed);
    checker.add(db.clone()).expect("a new name");
    checker.first_round().await;
    db.now(Does::Fail);
    for failures in 1..=3 {
        sleep(Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
        assert_eq!(checker.readiness().is_success(), failures < 3, "after {failures}");
    }
    assert_eq!(checker.readiness().checks[0].message.as_deref(), Some("refused"));
    db.now(Does::Succeed);
    a_round().await;
    assert!(checker.readiness().is_success());
}

#[tokio::test(start_paused = true)]
async fn startup_stays_once_it_has_succeeded() {
    let checker = checker();
    let db = Fake::new("db", Does::Succeed);
    checker.add(db.clone()).expect("a new name");
    checker.first_round().await;
    assert!(checker.startup().is_success());
    db.now(Does::Fail);
    for _ in 0..4 {
        a_round().await;
    }
    assert!(checker.startup().is_success());
    assert!(!checker.readiness().is_success());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_critical_only_degrades() {
    let checker = checker();
    checker.add(Fake { is_critical: false, ..Fake::new("cache", Does::Fail) }).expect("a new name");
    checker.add(Fake::new("db", Does::Succeed)).expect("a new name");
    checker.first_round().await;
    let answer = checker.readiness();
    assert_eq!((answer.status, answer.is_success()), (HealthState::Degraded, true));
    assert_eq!(answer.checks[0].status, HealthState::Degraded);
    assert_eq!(answer.checks[1].status, HealthState::Healthy);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_panics_has_failed_and_runs_again() {
    let checker = checker();
    let db = Fake::new("db", Does::Panic);
    checker.add(db.clone()).expect("a new name");
    checker.first_round().await;
    let message = checker.readiness().checks[0].message.clone();
    assert!(message.is_some_and(|message| message.contains("a bug in the check")));
    db.now(Does::Succeed);
    a_round().await;
    assert!(checker.readiness().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_goes_stale_is_unhealthy() {
    let checker = checker();
    checker.add(Fake::new("db", Does::Succeed)).expect("a new name");
    checker.first_round().await;
    checker.apply(&probes("interval = \"1h\"\nstale_after = \"2s\""));
    assert!(checker.readiness().is_success());
    advance(Duration::from_secs(3)).await;
    let answer = checker.readiness();
    assert!(!answer.is_success());
    assert_eq!(answer.checks[0].message.as_deref(), Some("the last result is 3s old"));
}

#[tokio::test(start_paused = true)]
async fn readiness_fails_at_once_when_the_service_drains() {
    let checker = checker();
    checker.add(Fake::new("db", Does::Succeed)).expect("a new name");
    checker.first_round().await;
    assert!(checker.startup().is_success());
    checker.set_draining();
    let answer = checker.readiness();
    assert!(!answer.is_success());
    assert_eq!(answer.checks.last().map(|check| check.name.as_str()), Some("shutdown"));
    assert!(checker.liveness().is_success() && checker.startup().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_shorter_interval_holds_for_the_wait_under_way() {
    let checker = checker();
    checker.apply(&probes("interval = \"1h\"\nstale_after = \"2h\""));
    let db = Fake::new("db", Does::Succeed);
    checker.add(db.clone()).expect("a new name");
    checker.first_round().await;
    checker.apply(&probes("interval = \"100ms\"\ntimeout = \"10ms\""));
    sleep(Duration::from_millis(150)).await;
    assert_eq!(db.runs.load(SeqCst), 2);
}

#[tokio::test]
async fn a_save_adds_changes_and_removes_checks_and_leaves_the_others() {
    let checker = checker();
    let disk = |path: &str| format!("[checks.disk]\nkind = \"disk\"\npath = \"{path}\"\nmin_free = \"1KiB\"\n");
    let memory = "[checks.memory]\nkind = \"memory\"\nmin_available = \"1KiB\"\n";
    let mine = Fake::new("mine", Does::Succeed);
    checker.add(mine.clone()).expect("a new name");
    checker.apply(&probes(&(disk("/not/there") + memory)));
    checker.first_round().await;
    let before = checker.snapshot();
    assert_eq!(before.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(), ["disk", "memory", "mine"]);
    let message = |checker: &HealthChecker| checker.snapshot()[0].message.clone().unwrap_or_default();
    assert!(message(&checker).contains("/not/there"));

    let mut results = checker.results_seen();
    checker.apply(&probes(&(disk("/nor/here") + "critical = false")));
    let after = checker.snapshot();
    assert_eq!(after.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(), ["disk", "mine"]);
    assert_eq!(after[0].message, before[0].message, "the last result stays until the next");
    assert_eq!(checker.readiness().status, HealthState::Degraded);
    while !message(&checker).contains("/nor/here") {
        results.changed().await.expect("the checker is there");
    }
    assert_eq!(mine.runs.load(SeqCst), 1, "the others are not disturbed");
}

#[tokio::test]
async fn a_check_added_by_a_save_says_nothing_until_its_first_result() {
    let disk = |min_free: &str| {
        probes(&format!(
            "success_threshold = 3\n[checks.disk]\nkind = \"disk\"\npath = \"/\"\nmin_free = \"{min_free}\""
        ))
    };
    for (min_free, is_well) in [("1KiB", true), ("1000000GiB", false)] {
        let checker = checker();
        checker.apply(&probes(""));
        assert!(checker.readiness().is_success());
        checker.apply(&disk(min_free));
        let answer = checker.readiness();
        assert!(answer.is_success() && answer.checks.is_empty(), "a save took the service out of rotation: {answer:?}");
        assert!(checker.snapshot().is_empty(), "nothing was found yet");
        checker.first_round().await;
        let answer = checker.readiness();
        assert_eq!((answer.is_success(), answer.checks.len()), (is_well, 1), "the first result decides: {answer:?}");
    }
    let checker = checker();
    checker.apply(&disk("1KiB"));
    assert!(!checker.readiness().is_success(), "at the start everyone is waited for");
    checker.first_round().await;
    assert!(!checker.readiness().is_success(), "and the thresholds hold");
}

#[tokio::test]
async fn the_start_waits_for_a_check_added_before_it_was_over() {
    let checker = checker();
    let memory = "[checks.memory]\nkind = \"memory\"\nmin_available = \"1KiB\"\ngroups = [\"startup\"]";
    checker.apply(&probes(""));
    checker.apply(&probes(memory));
    assert!(!checker.startup().is_success());
    checker.first_round().await;
    assert!(checker.startup().is_success());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_or_is_none_is_refused() {
    let checker = checker();
    checker.add(Fake::new("db", Does::Succeed)).expect("a new name");
    let taken = AddCheckError::Taken { name: "db".parse().expect("a name") };
    assert_eq!(checker.add(Fake::new("db", Does::Fail)), Err(taken));
    assert!(matches!(checker.add(Fake::new("My DB", Does::Fail)), Err(AddCheckError::NotAName { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_written_as_the_contract_says() {
    let checker = checker();
    checker.add(Fake::new("db", Does::Fail)).expect("a new name");
    checker.first_round().await;
    let json = serde_json::to_value(checker.readiness()).expect("plain data");
    let expected = serde_json::json!({
        "status": "unhealthy",
        "checks": [{ "name": "db", "status": "unhealthy", "message": "refused", "duration_ms": 0 }],
        "version": "1.2.3",
        "uptime_seconds": 0,
    });
    assert_eq!(json, expected);
}

/// Feature: production-excellence, Property 4: a check that blocks its thread holds up neither the answers nor
/// the other checks, and is not started a second time beside itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_check_that_blocks_its_thread_is_left_alone() {
    struct Blocks {
        gate: Mutex<mpsc::Receiver<()>>,
        runs: Arc<AtomicU32>,
    }
    impl HealthCheck for Blocks {
        fn name(&self) -> &'static str {
            "blocks"
        }
        fn check(&self) -> CheckFuture<'_> {
            Box::pin(async {
                self.runs.fetch_add(1, SeqCst);
                // Until the test drops the other end.
                let _ = self.gate.lock().unwrap().recv();
                Ok(())
            })
        }
    }
    let checker = checker();
    checker.apply(&probes("interval = \"100ms\"\ntimeout = \"10ms\"\nstale_after = \"10s\""));
    let (shut, gate) = mpsc::channel();
    let runs = Arc::new(AtomicU32::new(0));
    let message = |checker: &HealthChecker| checker.readiness().checks[0].message.clone().unwrap_or_default();
    checker.add(Blocks { gate: Mutex::new(gate), runs: Arc::clone(&runs) }).expect("a new name");
    let mut results = checker.results_seen();
    while !message(&checker).contains("has not ended") {
        assert_eq!(runs.load(SeqCst).max(1), 1, "not beside itself");
        results.changed().await.expect("the checker is there");
    }
    assert_eq!(runs.load(SeqCst), 1);
    drop(shut);
    while !checker.readiness().is_success() {
        results.changed().await.expect("the checker is there");
    }
}
