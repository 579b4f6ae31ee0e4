//! What a pool does about its counts: after every change of them, and when time has passed.

use super::{
    shared::Shared,
    staged::Room,
    state::{State, Waiter},
    Driver, PoolConnection,
};
use crate::clock::Moment;
use std::sync::Arc;

impl<DB: Driver> Shared<DB> {
    /// Does all that the counts ask for. `expired` idle connections are about to be replaced.
    pub(super) fn tend(self: &Arc<Self>, state: &mut State<DB>, now: Moment, expired: u32) {
        self.grant_room(state);
        for _ in 0..state.ledger.surplus() {
            self.retire(state, 0);
        }
        self.serve(state, now);
        let waiting = u32::try_from(state.waiters.len()).unwrap_or(u32::MAX);
        let wanted = state.ledger.openings(waiting, expired, now);
        if let Some(target) = state.target.clone() {
            for _ in 0..wanted {
                state.ledger.open();
                self.open(Arc::clone(&target), state.ledger.epoch());
            }
        }
    }

    /// What only time brings about: closes what has had its time. Returns when to look again.
    pub(super) fn look(self: &Arc<Self>) -> Moment {
        let now = Moment::now();
        let mut state = self.lock();
        let mut at = 0;
        let mut expired = 0;
        while let Some(idle) = state.idle.get(at) {
            let (born, since) = (idle.live.born, idle.since);
            if state.ledger.can_reap(born, since, now) {
                self.retire(&mut state, at);
            } else {
                expired += u32::from(state.ledger.is_expired(born, now));
                at += 1;
            }
        }
        self.ask_those_due(&mut state, now);
        self.tend(&mut state, now, expired);
        let leak = state.times.leak;
        let leaks = state.loans.overdue(leak, now);
        state.wake_at = state.next_look(now);
        let wake_at = state.wake_at;
        drop(state);
        self.tell_leaks(&leaks, now);
        wake_at
    }

    fn ask_those_due(self: &Arc<Self>, state: &mut State<DB>, now: Moment) {
        let mut at = 0;
        while let Some(idle) = state.idle.get(at) {
            if !state.trust.is_to_be_asked(idle.live.proof, now, state.ledger.asked()) {
                at += 1;
            } else if let Some(idle) = state.idle.remove(at) {
                state.ledger.ask();
                self.ask_whether(idle);
            }
        }
    }

    fn retire(self: &Arc<Self>, state: &mut State<DB>, at: usize) {
        if let Some(idle) = state.idle.remove(at) {
            state.ledger.retire();
            self.close(idle.live.connection);
        }
    }

    /// Gives room to who wants to try a new address; an idle connection makes it where there is none, unless the
    /// data would be gone with it.
    fn grant_room(self: &Arc<Self>, state: &mut State<DB>) {
        let Some((limit, grant)) = state.reservation.take() else { return };
        if grant.is_closed() {
            return;
        }
        if !state.ledger.reserve(limit) {
            if state.ledger.can_make_room() {
                self.retire(state, 0);
            }
            state.reservation = Some((limit, grant));
        } else if let Err(room) = grant.send(Room::new(Arc::clone(self))) {
            room.forget();
            state.ledger.unreserve();
            self.closed.notify_waiters();
        }
    }

    /// Hands idle connections to those who wait, first come, first served. Those that cannot be relied on are asked
    /// first, and handed over when they have answered.
    fn serve(self: &Arc<Self>, state: &mut State<DB>, now: Moment) {
        while let Some(taker) = state.waiters.first_key_value().map(|(_, waiter)| waiter.taker) {
            let Some(live) = state.lend(taker, now) else { break };
            let Some((_, Waiter { grant, .. })) = state.waiters.pop_first() else { break };
            // Never dropped in here: that would take the lock again.
            if let Err(back) = grant.send(PoolConnection::new(live, Arc::clone(self))) {
                if let Some(live) = back.dissolve() {
                    state.take_back(live, now);
                }
            }
        }
        while let Some(idle) = state.doubtful() {
            self.ask_whether(idle);
        }
    }
}
