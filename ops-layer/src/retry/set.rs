//! What retries remember, by name, and the retries of a generation.
//!
//! A record lives as long as a generation that names it, or a call that it judges. A reload that keeps the name keeps
//! what was earned and spent.

use super::{
    handle::Retry,
    policy::RetryPolicy,
    record::{Record, RetrySnapshot},
};
use crate::clock::Moment;
use arc_swap::ArcSwapOption;
use ops_config::{section::RetryConfig, value::Name};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// The settings in force for a name; none once the file no longer has it.
pub(super) type InForce = ArcSwapOption<RetryPolicy>;

/// The retries of the process, by name. Cheap to clone. Its lock is taken when a plan is built or put in force, when a
/// handle is made and when metrics are read, never by a call.
#[derive(Clone, Debug, Default)]
pub struct Retries {
    entries: Arc<Mutex<BTreeMap<Name, Entry>>>,
}

#[derive(Debug, Default)]
struct Entry {
    record: Weak<Record>,
    in_force: Arc<InForce>,
}

impl Retries {
    /// No retries yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle to the retry of this name; none if the configuration in force has none.
    #[must_use]
    pub fn retry(&self, name: &str) -> Option<Retry> {
        let entries = self.entries();
        let (name, entry) = entries.get_key_value(name)?;
        let in_force = entry.in_force.load().is_some();
        in_force.then(|| Retry::new(name.clone(), Arc::clone(&entry.in_force)))
    }

    /// The numbers of every retry in force.
    #[must_use]
    pub fn snapshots(&self, now: Moment) -> Vec<RetrySnapshot> {
        let entries = self.entries();
        entries.values().filter_map(|entry| Some(entry.in_force.load().as_ref()?.snapshot(now))).collect()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Name, Entry>> {
        // No code that can panic runs under the lock; a poisoned map is whole all the same.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The retries' part of the plan.
#[derive(Debug)]
pub struct RetrySet {
    retries: Retries,
    by_name: BTreeMap<Name, Arc<RetryPolicy>>,
}

impl RetrySet {
    /// Settings over what the retries of these names remember. Changes nothing that is in force.
    #[must_use]
    pub fn build(configs: &BTreeMap<Name, RetryConfig>, retries: &Retries) -> Self {
        let mut entries = retries.entries();
        let mut by_name = BTreeMap::new();
        for (name, config) in configs {
            let entry = entries.entry(name.clone()).or_default();
            let record = entry.record.upgrade().unwrap_or_else(|| Arc::new(Record::new(name.clone())));
            entry.record = Arc::downgrade(&record);
            by_name.insert(name.clone(), Arc::new(RetryPolicy::new(config, record)));
        }
        drop(entries);
        Self { retries: retries.clone(), by_name }
    }

    /// Makes handles follow these settings. A handle to a name that is gone makes every call once.
    pub fn put_in_force(&self) {
        let mut entries = self.retries.entries();
        for (name, entry) in entries.iter() {
            entry.in_force.store(self.by_name.get(name).map(Arc::clone));
        }
        entries.retain(|_, entry| entry.record.strong_count() > 0 || Arc::strong_count(&entry.in_force) > 1);
    }
}
