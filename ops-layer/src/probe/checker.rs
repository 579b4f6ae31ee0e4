//! All checks of the process.

use super::{
    kind,
    runner::{start, Running},
    AddCheckError, CheckFuture, HealthCheck, Record, Thresholds,
};
use crate::clock::Moment;
use ops_config::{
    section::{CheckConfig, ProbeGroup, ProbesConfig},
    value::Name,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};
use tokio::sync::watch;

/// Asks a pool for a connection that answers. The runtime supplies it: probes know no pools.
pub type PoolPing = Arc<dyn Fn(Name) -> CheckFuture<'static> + Send + Sync>;

/// What holds for every check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) thresholds: Thresholds,
}

impl From<&ProbesConfig> for Settings {
    fn from(config: &ProbesConfig) -> Self {
        let thresholds = Thresholds {
            failures: config.failure_threshold.as_u32(),
            successes: config.success_threshold.as_u32(),
            stale_after: config.stale_after.get(),
        };
        Self { interval: config.interval.get(), timeout: config.timeout.get(), thresholds }
    }
}

/// All checks of the process. Cheap to clone; lives through every reload.
#[derive(Clone)]
pub struct HealthChecker {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) version: String,
    pub(super) began: Moment,
    ping: PoolPing,
    entries: Mutex<BTreeMap<Name, Entry>>,
    pub(super) settings: watch::Sender<Settings>,
    /// Hears of each result.
    results: watch::Sender<()>,
    /// Whether a configuration is in force: a check that comes with another one joins late.
    is_applied: AtomicBool,
    pub(super) has_started: AtomicBool,
    pub(super) is_draining: AtomicBool,
}

/// A check with its results and its task.
pub(super) struct Entry {
    /// As configured; none for one that was added by code.
    config: Option<CheckConfig>,
    pub(super) groups: Vec<ProbeGroup>,
    pub(super) is_critical: bool,
    record: Arc<Mutex<Record>>,
    _running: Running,
}

impl HealthChecker {
    /// No checks yet. Their tasks will run where [`Self::apply`] and [`Self::add`] are called.
    #[must_use]
    pub fn new(version: impl Into<String>, ping: PoolPing) -> Self {
        let settings = watch::Sender::new(Settings::from(&ProbesConfig::default()));
        Self {
            shared: Arc::new(Shared {
                version: version.into(),
                began: Moment::now(),
                ping,
                entries: Mutex::default(),
                settings,
                results: watch::Sender::new(()),
                is_applied: AtomicBool::new(false),
                has_started: AtomicBool::new(false),
                is_draining: AtomicBool::new(false),
            }),
        }
    }

    /// Puts a configuration in force: new checks start, removed ones end, a changed one keeps its last result
    /// until its next. What did not change goes on undisturbed. A check that is new in a later configuration
    /// is left out of readiness until its first result.
    pub fn apply(&self, config: &ProbesConfig) {
        self.shared.settings.send_replace(config.into());
        let mut entries = self.shared.lock();
        let is_late = self.shared.is_applied.swap(true, Relaxed);
        let first = || Arc::new(Mutex::new(if is_late { Record::late() } else { Record::new() }));
        entries.retain(|name, entry| entry.config.is_none() || config.checks.contains_key(name));
        for (name, check) in &config.checks {
            match entries.get_mut(name) {
                Some(entry) if entry.config.is_none() => {
                    tracing::warn!(name: "probe.name_taken", check = %name, "the name of a check is taken");
                }
                Some(entry) if entry.config.as_ref().is_some_and(|before| looks_the_same(before, check)) => {
                    entry.config = Some(check.clone());
                    entry.groups = check.groups().to_vec();
                    entry.is_critical = check.is_critical();
                }
                known => {
                    let record = known.map_or_else(first, |entry| Arc::clone(&entry.record));
                    let looks = kind::build(name, check, &self.shared.ping);
                    let entry = self.entry(looks, Some(check.clone()), record);
                    entries.insert(name.clone(), entry);
                }
            }
        }
    }

    /// Adds a check of one's own. It stays through every reload.
    ///
    /// # Errors
    /// When its name is not one, or another check has it.
    pub fn add(&self, check: impl HealthCheck) -> Result<(), AddCheckError> {
        let name: Name = check.name().parse().map_err(|error: ops_config::value::Malformed| {
            AddCheckError::NotAName { name: check.name().to_owned(), expected: error.to_string() }
        })?;
        let mut entries = self.shared.lock();
        if entries.contains_key(&name) {
            return Err(AddCheckError::Taken { name });
        }
        let entry = self.entry(Arc::new(check), None, Arc::default());
        entries.insert(name, entry);
        Ok(())
    }

    fn entry(&self, check: Arc<dyn HealthCheck>, config: Option<CheckConfig>, record: Arc<Mutex<Record>>) -> Entry {
        let (groups, is_critical) = match &config {
            Some(config) => (config.groups().to_vec(), config.is_critical()),
            None => (check.groups().to_vec(), check.is_critical()),
        };
        let (settings, results) = (self.shared.settings.subscribe(), self.shared.results.clone());
        let running = start(check, Arc::clone(&record), settings, results);
        Entry { config, groups, is_critical, record, _running: running }
    }

    /// Readiness fails from now on, whatever the checks say.
    pub fn set_draining(&self) {
        self.shared.is_draining.store(true, Relaxed);
    }

    /// Waits until every check there is now has a result.
    pub async fn first_round(&self) {
        let mut results = self.shared.results.subscribe();
        loop {
            results.borrow_and_update();
            if self.shared.lock().values().all(|entry| entry.record().has_run()) {
                return;
            }
            if results.changed().await.is_err() {
                return;
            }
        }
    }

    /// Hears of each result from now on.
    #[cfg(test)]
    pub(super) fn results_seen(&self) -> watch::Receiver<()> {
        self.shared.results.subscribe()
    }
}

impl Entry {
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it speaks in a probe.
    pub(super) fn is_in(&self, group: ProbeGroup) -> bool {
        self.groups.contains(&group)
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Entry>> {
        // Entries are replaced whole, so a panic elsewhere cannot leave one half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HealthChecker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.shared.lock().keys().cloned().collect();
        f.debug_struct("HealthChecker").field("checks", &names).finish_non_exhaustive()
    }
}

/// Whether two configurations look at the same thing; where it speaks and what it means may differ.
fn looks_the_same(before: &CheckConfig, now: &CheckConfig) -> bool {
    match (before, now) {
        (CheckConfig::Pool(before), CheckConfig::Pool(now)) => before.pool == now.pool,
        (CheckConfig::Http(before), CheckConfig::Http(now)) => before.url == now.url,
        (CheckConfig::Tcp(before), CheckConfig::Tcp(now)) => before.address == now.address,
        (CheckConfig::Disk(before), CheckConfig::Disk(now)) => {
            before.path == now.path && before.min_free == now.min_free
        }
        (CheckConfig::Memory(before), CheckConfig::Memory(now)) => before.min_available == now.min_available,
        _ => false,
    }
}
