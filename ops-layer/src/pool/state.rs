//! What the one lock of a pool guards: the counts, and the connections they count.
//!
//! A connection moves together with its entry in the ledger. Nothing here waits.

use super::{
    bounds::Bounds,
    driver::Driver,
    ledger::Ledger,
    live::{Idle, Live},
    loan::{Loans, Taker},
    staged::Room,
    target::Target,
    trust::Trust,
    PoolConnection,
};
use crate::clock::Moment;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::oneshot;

/// The longest the keeper rests while connections are lent: what comes back need not wake it then, or a busy pool
/// would wake it with each turn.
const REST: Duration = Duration::from_secs(1);
/// How often loans are looked at at most.
const LOOK: Duration = Duration::from_millis(100);

/// Times that a reload may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    /// How long a caller waits.
    pub(super) acquire: Duration,
    /// How long a loan may last before it is told of; zero is for ever.
    pub(super) leak: Duration,
}

/// A caller that waits.
pub(super) struct Waiter<DB: Driver> {
    pub(super) grant: oneshot::Sender<PoolConnection<DB>>,
    pub(super) taker: Taker,
}

pub(super) struct State<DB: Driver> {
    pub(super) ledger: Ledger,
    pub(super) trust: Trust,
    pub(super) loans: Loans,
    /// The longest idle in front.
    pub(super) idle: VecDeque<Idle<DB>>,
    /// Callers by their turn. A caller that gives up takes itself out.
    pub(super) waiters: BTreeMap<u64, Waiter<DB>>,
    next_turn: u64,
    /// Who wants room for the first connection to a new address, and within which limit.
    pub(super) reservation: Option<(u32, oneshot::Sender<Room<DB>>)>,
    pub(super) target: Option<Arc<Target<DB>>>,
    pub(super) times: Times,
    /// Why the last attempt to open one failed.
    pub(super) cause: Option<Arc<str>>,
    /// Whether one was lost, or could not be opened, since the last that could.
    pub(super) is_troubled: bool,
    /// When the keeper looks again.
    pub(super) wake_at: Moment,
}

impl<DB: Driver> State<DB> {
    /// Of a pool that is closed.
    pub(super) fn closed() -> Self {
        Self {
            ledger: Ledger::closed_pool(),
            trust: Trust::new(DB::CAN_BREAK),
            loans: Loans::default(),
            idle: VecDeque::new(),
            waiters: BTreeMap::new(),
            next_turn: 0,
            reservation: None,
            target: None,
            times: Times::default(),
            cause: None,
            is_troubled: false,
            wake_at: Moment::from_nanos(u64::MAX),
        }
    }

    /// New bounds, or none to close the pool.
    pub(super) fn configure(&mut self, bounds: Option<Bounds>, is_new_address: bool, times: Times) {
        self.ledger.configure(bounds, is_new_address);
        self.times = times;
        if is_new_address {
            self.cause = None;
            self.is_troubled = false;
            self.trust = Trust::new(DB::CAN_BREAK);
        }
        if bounds.is_none() {
            self.target = None;
            // Those who wait hear that nothing will come: their sender is dropped.
            self.waiters.clear();
        }
    }

    /// A place at the end of the queue.
    pub(super) fn queue(&mut self, waiter: Waiter<DB>) -> u64 {
        let turn = self.next_turn;
        self.next_turn += 1;
        self.waiters.insert(turn, waiter);
        turn
    }

    /// Of those that can be relied on the connection used last: those used least age in front. One that has just
    /// answered for somebody who waits may stand before others that would have to be asked.
    pub(super) fn lend(&mut self, taker: Taker, now: Moment) -> Option<Live<DB>> {
        if !self.ledger.can_lend() {
            return None;
        }
        let at = self.idle.iter().rposition(|idle| self.trust.allows(idle.live.proof, now))?;
        let mut live = self.idle.remove(at)?.live;
        self.ledger.lend();
        live.slot = self.loans.begin(taker, now);
        Some(live)
    }

    /// One lent to somebody who does not want it any more.
    pub(super) fn take_back(&mut self, live: Live<DB>, now: Moment) {
        self.ledger.take_back();
        self.loans.end(live.slot);
        self.idle.push_back(Idle { live, since: now });
    }

    /// The connection used last, to be asked whether it still answers, while more callers wait than are asked for.
    pub(super) fn doubtful(&mut self) -> Option<Idle<DB>> {
        let is_wanted = usize::try_from(self.ledger.asked()).is_ok_and(|asked| asked < self.waiters.len());
        if !is_wanted || !self.ledger.can_lend() {
            return None;
        }
        let idle = self.idle.pop_back()?;
        self.ledger.ask();
        Some(idle)
    }

    /// Takes in a connection that waits for a user from now on. Returns when it is to be looked at.
    pub(super) fn keep(&mut self, idle: Idle<DB>) -> Moment {
        let due = self.due(&idle);
        // One that was only asked is idle as long as before.
        let at = match self.idle.back() {
            Some(last) if last.since > idle.since => self.idle.partition_point(|other| other.since <= idle.since),
            _ => self.idle.len(),
        };
        self.idle.insert(at, idle);
        due
    }

    fn due(&self, idle: &Idle<DB>) -> Moment {
        self.ledger.due(idle.live.born, idle.since).min(self.trust.due(idle.live.proof))
    }

    /// When the keeper is to look again, after a look now.
    pub(super) fn next_look(&self, now: Moment) -> Moment {
        let later = |due: &Moment| *due > now;
        let idle = self.idle.iter().map(|idle| self.due(idle));
        let due = idle.chain(self.ledger.retry_at()).filter(later).min().unwrap_or(Moment::from_nanos(u64::MAX));
        let is_lent = self.ledger.lent() + self.ledger.asked() > 0;
        let is_watched = self.ledger.total() > 0 && !self.times.leak.is_zero();
        let rest = self.ledger.bounds().filter(|_| is_lent).map(|bounds| now.plus(REST.min(bounds.idle_timeout)));
        // A loan that begins after this look cannot be too long before.
        let loans = is_watched.then(|| now.plus(self.times.leak.max(LOOK)));
        let loan = self.loans.due(self.times.leak).map(|due| due.max(now.plus(LOOK)));
        [rest, loans, loan].into_iter().flatten().fold(due, Moment::min)
    }

    /// Whether nobody waits and nothing is to be decided: the common end of a turn.
    pub(super) fn is_quiet(&self) -> bool {
        self.waiters.is_empty() && self.reservation.is_none() && self.ledger.surplus() == 0 && !self.ledger.is_short()
    }

    /// When each idle connection was opened.
    #[cfg(test)]
    pub(super) fn births(&self) -> Vec<Moment> {
        self.idle.iter().map(|idle| idle.live.born).collect()
    }
}
