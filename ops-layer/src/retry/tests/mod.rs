//! What must hold of retries.

mod calls;
mod client;
mod machines;
mod reload;
mod services;

use super::{Retries, Retry, RetryOutcome, RetrySet};
use crate::clock::Moment;
use ops_config::section::RetryConfig;
use std::collections::BTreeMap;

/// The defaults, and what else a test says in TOML.
fn config(text: &str) -> RetryConfig {
    toml::from_str(text).expect("settings")
}

/// These settings in force for the retry "r", with the plan that keeps what it remembers.
fn in_force(retries: &Retries, text: &str) -> RetrySet {
    let set = RetrySet::build(&BTreeMap::from([("r".parse().expect("a name"), config(text))]), retries);
    set.put_in_force();
    set
}

/// A retry of its own, and what counts for it.
struct Rig {
    retries: Retries,
    retry: Retry,
    _set: RetrySet,
}

impl Rig {
    fn new(text: &str) -> Self {
        let retries = Retries::new();
        let set = in_force(&retries, text);
        let retry = retries.retry("r").expect("it is in force");
        Self { retries, retry, _set: set }
    }

    /// The outcomes that were counted at all.
    fn outcomes(&self) -> Vec<(&'static str, u64)> {
        let snapshot = self.retries.snapshots(Moment::now()).remove(0);
        let counted = snapshot.outcomes.into_iter().filter(|(_, count)| *count > 0);
        counted.map(|(outcome, count): (RetryOutcome, u64)| (outcome.as_str(), count)).collect()
    }

    fn budget(&self) -> u64 {
        self.retries.snapshots(Moment::now()).remove(0).budget
    }
}
