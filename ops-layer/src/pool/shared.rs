//! A pool: its state behind one lock, and what is done with it.
//!
//! Each section under the lock is short and calls nothing that waits.

use super::{
    bounds::{Bounds, Verdict},
    live::{Idle, Live},
    loan::{Loan, Taker},
    staged::Room,
    state::{State, Times, Waiter},
    stats::Stats,
    target::Target,
    Driver, PoolConnection, PoolSnapshot,
};
use crate::clock::Moment;
use ops_config::value::Name;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{oneshot, Notify},
};

/// A pool.
pub(super) struct Shared<DB: Driver> {
    name: Name,
    runtime: Handle,
    state: Mutex<State<DB>>,
    /// Of the name, not of the pool: a change of the kind of database does not begin them anew.
    pub(super) stats: Arc<Stats>,
    /// The keeper has something to do before it meant to wake.
    pub(super) keeper: Arc<Notify>,
    /// There is one connection less, or room for one was given back.
    pub(super) closed: Notify,
}

/// What a caller gets.
pub(super) enum Answer<DB: Driver> {
    Lent(PoolConnection<DB>),
    Wait { turn: u64, granted: oneshot::Receiver<PoolConnection<DB>>, timeout: Duration },
    Closed,
}

impl<DB: Driver> Shared<DB> {
    pub(super) fn new(name: Name, runtime: Handle, stats: Arc<Stats>) -> Self {
        let (keeper, closed) = (Arc::default(), Notify::new());
        Self { name, runtime, state: Mutex::new(State::closed()), stats, keeper, closed }
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
    pub(super) fn ask(self: &Arc<Self>, taker: Taker) -> Answer<DB> {
        // Read once: for the trust in the connection, and for its loan.
        let now = Moment::now();
        let mut state = self.lock();
        if state.ledger.bounds().is_none() {
            return Answer::Closed;
        }
        if state.waiters.is_empty() {
            if let Some(live) = state.lend(taker, now) {
                if state.ledger.is_short() {
                    self.tend(&mut state, now, 0);
                }
                drop(state);
                return Answer::Lent(PoolConnection::new(live, Arc::clone(self)));
            }
        }
        let (grant, granted) = oneshot::channel();
        let turn = state.queue(Waiter { grant, taker });
        let timeout = state.times.acquire;
        self.tend(&mut state, now, 0);
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
        drop(state);
        // Where the pool was closed meanwhile, it may have been the last that its end waits for.
        self.closed.notify_waiters();
    }

    /// New bounds, and where the address has changed, its first connection.
    pub(super) fn configure(
        self: &Arc<Self>,
        bounds: Option<Bounds>,
        times: Times,
        first: Option<(Arc<Target<DB>>, DB::Connection)>,
    ) {
        let now = Moment::now();
        let mut state = self.lock();
        let is_new_address = bounds.is_none() || first.is_some();
        state.configure(bounds, is_new_address, times);
        if is_new_address {
            for old in std::mem::take(&mut state.idle) {
                state.ledger.retire();
                self.close(old.live.connection);
            }
        }
        if let Some((target, connection)) = first {
            state.target = Some(target);
            state.ledger.adopt();
            let live = Live::new(connection, state.ledger.epoch(), now);
            state.keep(Idle { live, since: now });
        }
        self.tend(&mut state, now, 0);
        drop(state);
        self.keeper.notify_one();
    }

    /// Takes back a connection that was not used.
    pub(super) fn give_back(self: &Arc<Self>, live: Live<DB>) {
        let now = Moment::now();
        let mut state = self.lock();
        let loan = state.loans.end(live.slot).filter(|loan| loan.is_told);
        let verdict = state.ledger.give_back(live.epoch, live.born, true, now);
        self.place(&mut state, Idle { live, since: now }, verdict, now);
        drop(state);
        self.tell_end(loan, now);
    }

    /// The user of a connection that was used is done with it; who looks after it next is not who borrowed it.
    pub(super) fn end_loan(&self, slot: usize) {
        let loan = self.lock().loans.end(slot).filter(|loan| loan.is_told);
        if loan.is_some() {
            self.tell_end(loan, Moment::now());
        }
    }

    /// Takes in a connection that has just been opened.
    pub(super) fn opened(self: &Arc<Self>, live: Live<DB>) {
        let now = Moment::now();
        let mut state = self.lock();
        let verdict = state.ledger.opened(live.epoch);
        let mut has_recovered = false;
        if verdict == Verdict::Keep {
            state.cause = None;
            has_recovered = std::mem::take(&mut state.is_troubled);
        }
        self.place(&mut state, Idle { live, since: now }, verdict, now);
        drop(state);
        if has_recovered {
            tracing::info!(name: "pool.recovered", pool = %self.name, "connections open again");
        }
        // It may be the replacement that an old one waited for.
        self.keeper.notify_one();
    }

    pub(super) fn place(self: &Arc<Self>, state: &mut State<DB>, idle: Idle<DB>, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Keep => {
                let due = state.keep(idle);
                if due < state.wake_at {
                    state.wake_at = due;
                    self.keeper.notify_one();
                }
            }
            Verdict::Retire => self.close(idle.live.connection),
        }
        if !state.is_quiet() {
            self.tend(state, now, 0);
        }
    }

    /// Says who holds connections too long.
    pub(super) fn tell_leaks(&self, leaks: &[Loan], now: Moment) {
        for Loan { taker, since, .. } in leaks {
            self.stats.leaked();
            let trace_id = taker.trace.map(|id| tracing::field::display(format!("{id:032x}")));
            tracing::warn!(name: "pool.leak", pool = %self.name, held_ms = millis(now.since(*since)), taken_at = %taker.place, taken_in = trace_id, "a connection is held too long");
        }
    }

    fn tell_end(&self, leak: Option<Loan>, now: Moment) {
        let Some(Loan { taker, since, .. }) = leak else { return };
        let trace_id = taker.trace.map(|id| tracing::field::display(format!("{id:032x}")));
        tracing::info!(name: "pool.leak_ended", pool = %self.name, held_ms = millis(now.since(since)), taken_at = %taker.place, taken_in = trace_id, "a connection held too long is back");
    }

    pub(super) fn snapshot(&self) -> PoolSnapshot {
        let state = self.lock();
        let bounds = state.ledger.bounds();
        PoolSnapshot {
            name: self.name.clone(),
            database: DB::NAME,
            idle: state.ledger.idle(),
            used: state.ledger.lent() + state.ledger.asked(),
            total: state.ledger.total(),
            pending: u32::try_from(state.waiters.len()).unwrap_or(u32::MAX),
            min: bounds.map_or(0, |bounds| bounds.min),
            max: bounds.map_or(0, |bounds| bounds.max),
            timeouts: self.stats.timeouts(),
            leaks: self.stats.leaks(),
            waits: self.stats.waits(),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl<DB: Driver> Drop for Shared<DB> {
    fn drop(&mut self) {
        // So that the keeper sees that there is nothing to keep.
        self.keeper.notify_one();
    }
}
