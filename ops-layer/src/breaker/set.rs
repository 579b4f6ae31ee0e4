//! Circuits by name, and the breakers of a generation.
//!
//! A circuit lives as long as a generation that names it, or a call it admitted. A reload
//! that keeps the name therefore keeps the state, and one that was rejected leaves nothing
//! behind. A name that is gone and comes back later starts closed: nobody would expect a
//! trip of last week to refuse calls today, and names that come and go cannot pile up.

use super::{
    circuit::Circuit,
    handle::CircuitBreaker,
    plan::Breaker,
    snapshot::{CircuitSnapshot, Forced, UnknownBreaker},
    trial::Trial,
};
use crate::{clock::Moment, refusal::Refusal};
use arc_swap::ArcSwapOption;
use ops_config::{
    section::CircuitBreakerConfig,
    value::{Name, RoutePattern},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

/// The breaker in force for a name; none once the file no longer has it.
pub(super) type InForce = ArcSwapOption<Breaker>;

/// The circuits of the process, by name. Cheap to clone. Its lock is taken when a plan is
/// built or put in force, when a handle is made and when metrics are read, never by a call.
#[derive(Clone, Debug, Default)]
pub struct Circuits {
    entries: Arc<Mutex<BTreeMap<Name, Entry>>>,
}

#[derive(Debug, Default)]
struct Entry {
    circuit: Weak<Circuit>,
    in_force: Arc<InForce>,
}

impl Circuits {
    /// No circuits yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle to the breaker of this name; none if the configuration in force has none.
    #[must_use]
    pub fn breaker(&self, name: &str) -> Option<CircuitBreaker> {
        let entries = self.entries();
        let (name, entry) = entries.get_key_value(name)?;
        let in_force = entry.in_force.load().is_some();
        in_force.then(|| CircuitBreaker::new(name.clone(), Arc::clone(&entry.in_force)))
    }

    /// The numbers of every breaker in force.
    #[must_use]
    pub fn snapshots(&self) -> Vec<CircuitSnapshot> {
        let now = Moment::now();
        let entries = self.entries();
        entries.values().filter_map(|entry| Some(entry.in_force.load().as_ref()?.snapshot(now))).collect()
    }

    /// The numbers of one breaker; none if the configuration in force has none of this name.
    #[must_use]
    pub fn snapshot(&self, name: &str) -> Option<CircuitSnapshot> {
        Some(self.in_force(name)?.snapshot(Moment::now()))
    }

    /// Holds a circuit open or closed, for so long or until this is called again; [`Forced::Auto`] lets it go.
    /// It lies over the state and changes none of it, survives every reload that keeps the name, and says so
    /// in the log. Where the mode is `observe` nothing is refused all the same, and where it is `off` nothing happens.
    ///
    /// # Errors
    /// When the configuration in force has no breaker of this name; none is made.
    pub fn force(
        &self,
        name: &str,
        forced: Forced,
        lasting: Option<Duration>,
    ) -> Result<CircuitSnapshot, UnknownBreaker> {
        let breaker = self.in_force(name).ok_or_else(|| UnknownBreaker(name.to_owned()))?;
        let now = Moment::now();
        breaker.circuit().force(forced, lasting, now);
        Ok(breaker.snapshot(now))
    }

    fn in_force(&self, name: &str) -> Option<Arc<Breaker>> {
        self.entries().get(name)?.in_force.load_full()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Name, Entry>> {
        // No code that can panic runs under the lock; a poisoned map is whole all the same.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The breakers' part of the plan.
#[derive(Debug)]
pub struct BreakerSet {
    circuits: Circuits,
    by_name: BTreeMap<Name, Arc<Breaker>>,
    by_route: Box<[(RoutePattern, Arc<Breaker>)]>,
}

impl BreakerSet {
    /// Settings over the circuits of these names. Changes nothing that is in force.
    ///
    /// `answer_within` is how long a request may take until its response begins, where that
    /// is enforced: a call dropped after that was too slow, and counts as failed.
    #[must_use]
    pub fn build(
        configs: &BTreeMap<Name, CircuitBreakerConfig>,
        circuits: &Circuits,
        answer_within: Option<Duration>,
    ) -> Self {
        let mut entries = circuits.entries();
        let mut by_name = BTreeMap::new();
        let mut by_route = Vec::new();
        // What the others leave out, which they were given by the check, is no breaker.
        let configs = configs.iter().filter(|(name, _)| name.as_str() != CircuitBreakerConfig::DEFAULT);
        for (name, config) in configs {
            let entry = entries.entry(name.clone()).or_default();
            let circuit =
                entry.circuit.upgrade().unwrap_or_else(|| Arc::new(Circuit::closed(name.clone(), fastrand::u64(..))));
            entry.circuit = Arc::downgrade(&circuit);
            let breaker = Breaker::new(config, circuit, entry.in_force.load().as_deref(), answer_within);
            let breaker = Arc::new(breaker);
            by_route.extend(config.routes.iter().map(|route| (route.clone(), Arc::clone(&breaker))));
            by_name.insert(name.clone(), breaker);
        }
        // Stable: of two breakers with the same pattern, the first by name judges.
        by_route.sort_by(|(one, _), (other, _)| one.cmp(other));
        drop(entries);
        Self { circuits: circuits.clone(), by_name, by_route: by_route.into() }
    }

    /// Makes handles follow these settings. A handle to a name that is gone lets every call pass.
    pub fn put_in_force(&self) {
        self.put_in_force_at(Moment::now());
    }

    /// As [`Self::put_in_force`], at a moment of one's own.
    pub fn put_in_force_at(&self, now: Moment) {
        self.by_name.values().for_each(|breaker| breaker.put_in_force(now));
        let mut entries = self.circuits.entries();
        for (name, entry) in entries.iter() {
            entry.in_force.store(self.by_name.get(name).map(Arc::clone));
        }
        entries.retain(|_, entry| entry.circuit.strong_count() > 0 || Arc::strong_count(&entry.in_force) > 1);
    }

    /// The breaker of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Breaker>> {
        self.by_name.get(name)
    }

    /// The breaker that judges requests for a path: the one with the most specific pattern
    /// that matches. One that is `off` still stands before a less specific one.
    #[must_use]
    pub fn for_path(&self, path: &str) -> Option<&Arc<Breaker>> {
        self.by_route.iter().find(|(route, _)| route.matches(path)).map(|(_, breaker)| breaker)
    }

    /// Admits a request for a path, which came in at `started`. None: it passes and is not judged.
    ///
    /// # Errors
    /// When the path's circuit is open, or half-open with all its trials under way.
    pub fn admit(&self, path: &str, started: Moment) -> Result<Option<Trial>, Refusal> {
        self.for_path(path).map_or(Ok(None), |breaker| breaker.admit(started))
    }
}
