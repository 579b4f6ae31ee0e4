//! What a pool does about its counts: after every change of them, and when time has passed.

use super::{
    shared::{Idle, Shared, State},
    staged::Room,
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
        self.tend(&mut state, now, expired);
        let idle = state.idle.iter().map(|idle| state.ledger.due(idle.live.born, idle.since));
        let due = idle.chain(state.ledger.retry_at()).filter(|due| *due > now).min();
        state.wake_at = due.unwrap_or(Moment::from_nanos(u64::MAX));
        state.wake_at
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
        }
    }

    /// Hands idle connections to those who wait, first come, first served.
    fn serve(self: &Arc<Self>, state: &mut State<DB>, now: Moment) {
        while !state.waiters.is_empty() {
            let Some(live) = state.lend() else { return };
            let mut lent = PoolConnection::new(live, Arc::clone(self));
            // Never dropped in here: that would take the lock again.
            while let Some((_, grant)) = state.waiters.pop_first() {
                match grant.send(lent) {
                    Ok(()) => break,
                    Err(back) if state.waiters.is_empty() => {
                        if let Some(live) = back.dissolve() {
                            state.ledger.take_back();
                            state.idle.push_back(Idle { live, since: now });
                        }
                        break;
                    }
                    Err(back) => lent = back,
                }
            }
        }
    }
}
