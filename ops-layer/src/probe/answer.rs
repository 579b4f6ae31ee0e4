//! The answers to probes, from what the checks found last.
//!
//! Asked again and again by machines, so the usual answer is written straight from the records: no list of results,
//! no text but the one that is sent.

use super::{
    checker::{Entry, HealthChecker, Settings},
    record::Verdict,
    CheckResult, Detail, HealthState, HealthStatus, Probe, Question,
};
use crate::clock::Moment;
use ops_config::section::ProbeGroup;
use serde::Serialize;
use std::{borrow::Cow, sync::atomic::Ordering::Relaxed, time::Duration};

/// The answer to a probe, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The worst of all checks that were asked.
    pub state: HealthState,
    /// A document: a [`HealthStatus`], less of it, or more.
    pub body: Vec<u8>,
}

/// What one check has to say. The end of the process speaks as a check without an entry.
struct Heard<'h> {
    name: &'h str,
    status: HealthState,
    verdict: Verdict<'h>,
    entry: Option<&'h Entry>,
}

impl HealthChecker {
    /// Whether the process runs: whoever can ask gets a yes.
    #[must_use]
    pub fn liveness(&self) -> HealthStatus {
        self.status(Probe::Liveness)
    }

    /// Whether the service has started. Once it has, it has.
    #[must_use]
    pub fn startup(&self) -> HealthStatus {
        self.status(Probe::Startup)
    }

    /// Whether the service can take requests.
    #[must_use]
    pub fn readiness(&self) -> HealthStatus {
        self.status(Probe::Readiness)
    }

    /// Every check that has something to say and how well it is, whatever probe it speaks in; by name.
    #[must_use]
    pub fn snapshot(&self) -> Vec<CheckResult> {
        let mut checks = Vec::new();
        self.hear(|_, entry| !entry.record().is_silent(), |heard| checks.push(heard.result()));
        checks
    }

    /// Answers a probe.
    #[must_use]
    pub fn answer(&self, question: &Question<'_>) -> Answer {
        let settings = *self.shared.settings.borrow();
        let (mut checks, now) = (Vec::new(), Moment::now());
        let state = self.ask(question, |heard| {
            checks.push(if checks.is_empty() { b'[' } else { b',' });
            match question.detail {
                Detail::Quiet => {}
                Detail::Normal => write(&mut checks, &heard.line()),
                Detail::Verbose => write(&mut checks, &heard.verbose_line()),
            }
        });
        if checks.is_empty() {
            checks.push(b'[');
        }
        checks.push(b']');
        let mut body = Vec::with_capacity(checks.len() + 256);
        body.extend_from_slice(b"{\"status\":");
        write(&mut body, &state);
        if question.detail != Detail::Quiet {
            body.extend_from_slice(b",\"checks\":");
            body.append(&mut checks);
            body.extend_from_slice(b",\"version\":");
            write(&mut body, &self.shared.version);
            body.extend_from_slice(b",\"uptime_seconds\":");
            write(&mut body, &now.since(self.shared.began).as_secs());
        }
        if question.detail == Detail::Verbose {
            body.extend_from_slice(b",\"settings\":");
            write(&mut body, &settings.told());
            body.extend_from_slice(b",\"excluded\":");
            write(&mut body, &question.exclude);
            body.extend_from_slice(b",\"unknown\":");
            write(&mut body, &self.unknown(question));
        }
        body.push(b'}');
        Answer { state, body }
    }

    fn status(&self, probe: Probe) -> HealthStatus {
        let mut checks = Vec::new();
        let status = self.ask(&Question::plain(probe), |heard| checks.push(heard.result()));
        let uptime_seconds = Moment::now().since(self.shared.began).as_secs();
        HealthStatus { status, checks, version: self.shared.version.clone(), uptime_seconds }
    }

    /// Asks the checks that speak in a probe, one after the other; how well all of them are.
    fn ask(&self, question: &Question<'_>, mut each: impl FnMut(Heard<'_>)) -> HealthState {
        let mut worst = HealthState::Healthy;
        let mut tell = |heard: Heard<'_>| {
            worst = worst.max(heard.status);
            each(heard);
        };
        match question.probe {
            Probe::Liveness => {}
            Probe::Startup if self.shared.has_started.load(Relaxed) => {}
            Probe::Startup => {
                // The start waits for everyone, also for who has nothing to say yet.
                let speaks = |name: &str, entry: &Entry| entry.is_in(ProbeGroup::Startup) && !question.excludes(name);
                self.hear(speaks, &mut tell);
                if worst != HealthState::Unhealthy && question.exclude.is_empty() {
                    self.shared.has_started.store(true, Relaxed);
                }
            }
            Probe::Readiness => {
                let speaks = |name: &str, entry: &Entry| {
                    entry.is_in(ProbeGroup::Readiness) && !entry.record().is_silent() && !question.excludes(name)
                };
                self.hear(speaks, &mut tell);
                if self.shared.is_draining.load(Relaxed) {
                    // No check that could be left out: nobody should send requests here any more.
                    tell(Heard::of_the_end());
                }
            }
        }
        worst
    }

    fn hear(&self, speaks: impl Fn(&str, &Entry) -> bool, mut each: impl FnMut(Heard<'_>)) {
        let now = Moment::now();
        let thresholds = self.shared.settings.borrow().thresholds;
        let entries = self.shared.lock();
        for (name, entry) in entries.iter().filter(|(name, entry)| speaks(name.as_str(), entry)) {
            let record = entry.record();
            let verdict = record.judge(&thresholds, now);
            let status = match (verdict.is_healthy, entry.is_critical) {
                (true, _) => HealthState::Healthy,
                (false, false) => HealthState::Degraded,
                (false, true) => HealthState::Unhealthy,
            };
            each(Heard { name: name.as_str(), status, verdict, entry: Some(entry) });
        }
    }

    /// The names to be left out that no check has.
    fn unknown<'q>(&self, question: &Question<'q>) -> Vec<&'q str> {
        let entries = self.shared.lock();
        let is_known = |name: &str| entries.keys().any(|known| known.as_str() == name);
        question.exclude.iter().copied().filter(|name| !is_known(name)).collect()
    }
}

impl Heard<'_> {
    fn of_the_end() -> Self {
        let message = Some(Cow::Borrowed("the service is shutting down"));
        let verdict =
            Verdict { is_healthy: false, message, took: Duration::ZERO, age: None, failures: 0, successes: 0 };
        Self { name: "shutdown", status: HealthState::Unhealthy, verdict, entry: None }
    }

    fn result(self) -> CheckResult {
        let message = self.verdict.message.map(Cow::into_owned);
        let duration_ms = milliseconds(self.verdict.took);
        CheckResult { name: self.name.to_owned(), status: self.status, message, duration_ms }
    }

    fn line(&self) -> Line<'_> {
        let duration_ms = milliseconds(self.verdict.took);
        Line { name: self.name, status: self.status, message: self.verdict.message.as_deref(), duration_ms }
    }

    fn verbose_line(&self) -> VerboseLine<'_> {
        VerboseLine {
            line: self.line(),
            age_ms: self.verdict.age.map(milliseconds),
            failures: self.verdict.failures,
            successes: self.verdict.successes,
            groups: self.entry.map_or(&[], |entry| &entry.groups),
            critical: self.entry.is_none_or(|entry| entry.is_critical),
        }
    }
}

/// As [`CheckResult`], of what is only lent.
#[derive(Serialize)]
struct Line<'l> {
    name: &'l str,
    status: HealthState,
    message: Option<&'l str>,
    duration_ms: u64,
}

#[derive(Serialize)]
struct VerboseLine<'l> {
    #[serde(flatten)]
    line: Line<'l>,
    /// None before the first result.
    age_ms: Option<u64>,
    failures: u32,
    successes: u32,
    groups: &'l [ProbeGroup],
    critical: bool,
}

#[derive(Serialize)]
struct Told {
    interval_ms: u64,
    timeout_ms: u64,
    failure_threshold: u32,
    success_threshold: u32,
    stale_after_ms: u64,
}

impl Settings {
    fn told(&self) -> Told {
        Told {
            interval_ms: milliseconds(self.interval),
            timeout_ms: milliseconds(self.timeout),
            failure_threshold: self.thresholds.failures,
            success_threshold: self.thresholds.successes,
            stale_after_ms: milliseconds(self.thresholds.stale_after),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Texts and numbers, on which `serde_json` cannot fail, into memory, which cannot either.
fn write(body: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(body, value);
    debug_assert!(written.is_ok(), "{written:?}");
}
