//! What a circuit remembers, and what it tells.

use super::{
    change::{Change, Changes, Log},
    machine::{Hold, Machine},
    snapshot::{CircuitSnapshot, Forced},
    tally::Tally,
    word::{CircuitState, Transition},
};
use crate::clock::Moment;
use ops_config::value::Name;
use std::{sync::Mutex, sync::PoisonError, time::Duration};

/// What one circuit remembers: it belongs to the process, goes by its name, and outlives
/// every reload that keeps the name.
#[derive(Debug)]
pub struct Circuit {
    name: Name,
    pub(super) machine: Machine,
    pub(super) tally: Tally,
    /// Locked when the state changes, and by people; never by a call that passes.
    log: Mutex<Log>,
}

impl Circuit {
    pub(super) fn closed(name: Name, seed: u64) -> Self {
        Self { name, machine: Machine::closed(seed), tally: Tally::new(), log: Mutex::default() }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Its state now, whatever it is held at.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        self.machine.state()
    }

    /// How often the state has changed; also counts half-open trials that were given up.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.machine.epoch()
    }

    /// Every change of state from now on.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.log().listen()
    }

    /// Holds it open or closed, for a while or until it is let go, and says so in the log.
    pub(super) fn force(&self, forced: Forced, lasting: Option<Duration>, now: Moment) {
        // Held over all of it: of two people, one comes after the other.
        let log = self.log();
        let until = lasting.map(|lasting| now.plus(lasting).nanos());
        match forced {
            Forced::Open => self.machine.hold(Hold::Open, until),
            Forced::Closed => self.machine.hold(Hold::Closed, until),
            Forced::Auto => self.machine.let_go(),
        }
        drop(log);
        let lasting = lasting
            .map_or_else(|| "until changed".to_owned(), |lasting| humantime::format_duration(lasting).to_string());
        tracing::warn!(name: "breaker.forced", breaker = %self.name, state = forced.as_str(), lasting, "circuit forced");
    }

    /// What it is forced to at a moment, and for how long yet.
    pub(super) fn forced(&self, now: Moment) -> (Forced, Option<Duration>) {
        let Some((hold, until)) = self.machine.held(now.nanos()) else { return (Forced::Auto, None) };
        let forced = match hold {
            Hold::Open => Forced::Open,
            Hold::Closed => Forced::Closed,
        };
        (forced, until.map(|until| Moment::from_nanos(until).since(now)))
    }

    /// Its numbers now, without what the settings add.
    pub(super) fn snapshot(&self, now: Moment) -> CircuitSnapshot {
        let log = self.log();
        let (failures, trials) = self.machine.pending();
        let (forced, forced_for) = self.forced(now);
        CircuitSnapshot {
            name: self.name.clone(),
            state: self.state(),
            since: log.since(),
            epoch: self.epoch(),
            failures,
            trials,
            openings: self.machine.openings(),
            forced,
            forced_for,
            retry_after: None,
            mode: None,
            failed: None,
            slow: None,
            recent: log.recent(),
            calls: self.tally.calls(),
            transitions: self.tally.changes(),
        }
    }

    pub(super) fn note(&self, transition: Option<Transition>) {
        if let Some(transition) = transition {
            self.changed(transition);
        }
    }

    #[cold]
    fn changed(&self, transition: Transition) {
        self.tally.change(transition);
        self.log().add(Change::now(transition.from, transition.to));
        let (from, to) = (transition.from.as_str(), transition.to.as_str());
        if transition.to == CircuitState::Open {
            tracing::warn!(name: "breaker.changed", breaker = %self.name, from, to, "circuit state changed");
        } else {
            tracing::info!(name: "breaker.changed", breaker = %self.name, from, to, "circuit state changed");
        }
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        // No code that can panic runs under the lock; a poisoned log is whole all the same.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
