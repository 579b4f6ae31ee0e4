//! A pool's state behind its one lock: the ledger, and the connections it counts.
//!
//! Each section under the lock is short and calls nothing that waits. A connection moves together
//! with its entry in the ledger.

use super::{
    driver::Target,
    ledger::{Bounds, Ledger, Verdict},
    staged::Room,
    stats::Stats,
    Driver, PoolConnection, PoolSnapshot,
};
use crate::clock::Moment;
use ops_config::value::Name;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{oneshot, Notify},
};

/// An open connection.
pub(super) struct Live<DB: Driver> {
    pub(super) connection: DB::Connection,
    pub(super) born: Moment,
    pub(super) epoch: u64,
}

/// One that waits for a user.
pub(super) struct Idle<DB: Driver> {
    pub(super) live: Live<DB>,
    pub(super) since: Moment,
}

/// A pool.
pub(super) struct Shared<DB: Driver> {
    name: Name,
    runtime: Handle,
    state: Mutex<State<DB>>,
    pub(super) stats: Stats,
    /// The keeper has something to do before it meant to wake.
    pub(super) keeper: Arc<Notify>,
    /// A connection was closed.
    pub(super) closed: Notify,
}

pub(super) struct State<DB: Driver> {
    pub(super) ledger: Ledger,
    /// The longest idle in front.
    pub(super) idle: VecDeque<Idle<DB>>,
    /// Callers by their turn. A caller that gives up takes itself out.
    pub(super) waiters: BTreeMap<u64, oneshot::Sender<PoolConnection<DB>>>,
    next_turn: u64,
    /// Who wants room for the first connection to a new address, and within which limit.
    pub(super) reservation: Option<(u32, oneshot::Sender<Room<DB>>)>,
    pub(super) target: Option<Arc<Target<DB>>>,
    pub(super) acquire_timeout: Duration,
    /// Why the last attempt to open one failed.
    pub(super) cause: Option<Arc<str>>,
    /// When the keeper looks again.
    pub(super) wake_at: Moment,
}

/// What a caller gets.
pub(super) enum Answer<DB: Driver> {
    Lent(PoolConnection<DB>),
    Wait { turn: u64, granted: oneshot::Receiver<PoolConnection<DB>>, timeout: Duration },
    Closed,
}

impl<DB: Driver> Shared<DB> {
    pub(super) fn new(name: Name, runtime: Handle) -> Self {
        let state = State {
            ledger: Ledger::closed_pool(),
            idle: VecDeque::new(),
            waiters: BTreeMap::new(),
            next_turn: 0,
            reservation: None,
            target: None,
            acquire_timeout: Duration::ZERO,
            cause: None,
            wake_at: Moment::from_nanos(u64::MAX),
        };
        let (keeper, closed) = (Arc::default(), Notify::new());
        Self { name, runtime, state: Mutex::new(state), stats: Stats::default(), keeper, closed }
    }

    pub(super) const fn name(&self) -> &Name {
        &self.name
    }

    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<DB>> {
        // Nothing under the lock panics but a broken invariant of the ledger; then going on is the lesser harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection, or a place in the queue. Nobody overtakes those who wait.
    pub(super) fn ask(self: &Arc<Self>) -> Answer<DB> {
        let mut state = self.lock();
        if state.ledger.bounds().is_none() {
            return Answer::Closed;
        }
        if state.waiters.is_empty() {
            if let Some(live) = state.lend() {
                if state.ledger.is_short() {
                    self.tend(&mut state, Moment::now(), 0);
                }
                drop(state);
                return Answer::Lent(PoolConnection::new(live, Arc::clone(self)));
            }
        }
        let (grant, granted) = oneshot::channel();
        let turn = state.next_turn;
        state.next_turn += 1;
        state.waiters.insert(turn, grant);
        let timeout = state.acquire_timeout;
        self.tend(&mut state, Moment::now(), 0);
        Answer::Wait { turn, granted, timeout }
    }

    /// A caller does not wait any longer.
    pub(super) fn leave(&self, turn: u64) {
        self.lock().waiters.remove(&turn);
    }

    /// Asks for room for the first connection to a new address.
    pub(super) fn reserve(self: &Arc<Self>, limit: u32) -> oneshot::Receiver<Room<DB>> {
        let (grant, granted) = oneshot::channel();
        let mut state = self.lock();
        state.reservation = Some((limit, grant));
        self.tend(&mut state, Moment::now(), 0);
        granted
    }

    /// Gives the room back. What was opened in it is closed.
    pub(super) fn unreserve(self: &Arc<Self>, opened: Option<DB::Connection>) {
        let mut state = self.lock();
        match opened {
            Some(connection) => {
                state.ledger.retire_reserved();
                self.close(connection);
            }
            None => state.ledger.unreserve(),
        }
        self.tend(&mut state, Moment::now(), 0);
    }

    /// New bounds, and where the address has changed, its first connection.
    pub(super) fn configure(
        self: &Arc<Self>,
        bounds: Option<Bounds>,
        acquire_timeout: Duration,
        first: Option<(Arc<Target<DB>>, DB::Connection)>,
    ) {
        let now = Moment::now();
        let mut state = self.lock();
        let is_new_address = bounds.is_none() || first.is_some();
        state.ledger.configure(bounds, is_new_address);
        state.acquire_timeout = acquire_timeout;
        if is_new_address {
            state.cause = None;
            for old in std::mem::take(&mut state.idle) {
                state.ledger.retire();
                self.close(old.live.connection);
            }
        }
        if let Some((target, connection)) = first {
            state.target = Some(target);
            state.ledger.adopt();
            let epoch = state.ledger.epoch();
            state.idle.push_back(Idle { live: Live { connection, born: now, epoch }, since: now });
        }
        if bounds.is_none() {
            state.target = None;
            // Those who wait hear that nothing will come: their sender is dropped.
            state.waiters.clear();
        }
        self.tend(&mut state, now, 0);
        drop(state);
        self.keeper.notify_one();
    }

    /// Takes back a connection that nobody has a claim on any more.
    pub(super) fn give_back(self: &Arc<Self>, live: Live<DB>, is_sound: bool) {
        let now = Moment::now();
        let mut state = self.lock();
        let verdict = state.ledger.give_back(live.epoch, live.born, is_sound, now);
        self.place(&mut state, live, verdict, now);
    }

    /// Takes in a connection that has just been opened.
    pub(super) fn opened(self: &Arc<Self>, live: Live<DB>) {
        let now = Moment::now();
        let mut state = self.lock();
        let verdict = state.ledger.opened(live.epoch);
        if verdict == Verdict::Keep {
            state.cause = None;
        }
        self.place(&mut state, live, verdict, now);
        drop(state);
        // It may be the replacement that an old one waited for.
        self.keeper.notify_one();
    }

    fn place(self: &Arc<Self>, state: &mut State<DB>, live: Live<DB>, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Keep => {
                let due = state.ledger.due(live.born, now);
                state.idle.push_back(Idle { live, since: now });
                if due < state.wake_at {
                    state.wake_at = due;
                    self.keeper.notify_one();
                }
            }
            Verdict::Retire => self.close(live.connection),
        }
        // The common end of a turn: nobody waits, nothing is to be decided.
        if !state.is_quiet() {
            self.tend(state, now, 0);
        }
    }

    pub(super) fn snapshot(&self) -> PoolSnapshot {
        let state = self.lock();
        let bounds = state.ledger.bounds();
        PoolSnapshot {
            name: self.name.clone(),
            idle: state.ledger.idle(),
            used: state.ledger.lent(),
            total: state.ledger.total(),
            pending: u32::try_from(state.waiters.len()).unwrap_or(u32::MAX),
            min: bounds.map_or(0, |bounds| bounds.min),
            max: bounds.map_or(0, |bounds| bounds.max),
            timeouts: self.stats.timeouts(),
            waits: self.stats.waits(),
        }
    }
}

impl<DB: Driver> State<DB> {
    /// The connection used last: those used least age in front.
    pub(super) fn lend(&mut self) -> Option<Live<DB>> {
        if !self.ledger.can_lend() {
            return None;
        }
        let idle = self.idle.pop_back()?;
        self.ledger.lend();
        Some(idle.live)
    }

    /// When each idle connection was opened.
    #[cfg(test)]
    pub(super) fn births(&self) -> Vec<Moment> {
        self.idle.iter().map(|idle| idle.live.born).collect()
    }

    fn is_quiet(&self) -> bool {
        self.waiters.is_empty() && self.reservation.is_none() && self.ledger.surplus() == 0 && !self.ledger.is_short()
    }
}

impl<DB: Driver> Drop for Shared<DB> {
    fn drop(&mut self) {
        // So that the keeper sees that there is nothing to keep.
        self.keeper.notify_one();
    }
}
