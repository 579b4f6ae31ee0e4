//! The machine: how many connections there are, and what to do about it.
//!
//! Pure: counts, bounds and times come in, decisions go out. Every connection that is open, or may
//! be, stands in exactly one column; nothing leaves the last column before it is really closed. So
//! the total of the columns is never below what the database sees.

use super::bounds::{Bounds, Verdict};
use crate::clock::Moment;
use std::time::Duration;

/// The shortest and the longest rest after a connection could not be opened.
const REST: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The counts of one pool.
#[derive(Debug, Default)]
pub struct Ledger {
    bounds: Option<Bounds>,
    epoch: u64,
    opening: u32,
    idle: u32,
    lent: u32,
    asked: u32,
    reserved: u32,
    /// Whether the room reserved is one above the maximum, beside the last connection to data in memory.
    is_beyond: bool,
    closing: u32,
    failures: u32,
    retry_at: Moment,
}

impl Ledger {
    /// A pool that is closed: nothing is open, nothing may be.
    #[must_use]
    pub fn closed_pool() -> Self {
        Self::default()
    }

    /// Connections that are open, or may be.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.staying() + self.reserved + self.closing
    }

    /// Connections that are meant to stay.
    const fn staying(&self) -> u32 {
        self.opening + self.idle + self.lent + self.asked
    }

    /// Connections that wait for a user.
    #[must_use]
    pub const fn idle(&self) -> u32 {
        self.idle
    }

    /// Connections that are used, or looked after from a use that just ended.
    #[must_use]
    pub const fn lent(&self) -> u32 {
        self.lent
    }

    /// Idle connections that are asked whether they still answer.
    #[must_use]
    pub const fn asked(&self) -> u32 {
        self.asked
    }

    /// What the pool is held to; none when it is closed.
    #[must_use]
    pub const fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// Which address is in force: counts its changes.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// New bounds, or none to close the pool. With a new address, connections of the old one end as they come back;
    /// idle ones are the caller's to retire.
    pub fn configure(&mut self, bounds: Option<Bounds>, is_new_address: bool) {
        self.bounds = bounds;
        if is_new_address {
            self.epoch += 1;
            self.failures = 0;
            self.retry_at = Moment::default();
        }
    }

    /// How many connections to open now. `waiting` callers want one; `expired` idle ones are about to be replaced.
    #[must_use]
    pub fn openings(&self, waiting: u32, expired: u32, now: Moment) -> u32 {
        let Some(bounds) = self.bounds else { return 0 };
        if now < self.retry_at {
            return 0;
        }
        let here = self.idle.saturating_sub(expired) + self.asked + self.opening;
        let wanted = waiting.saturating_add(bounds.min).saturating_sub(here);
        let wanted = wanted.min(bounds.max.saturating_sub(self.total()));
        // While the database is away, one attempt at a time finds out when it is back.
        if self.failures > 0 {
            wanted.min(1_u32.saturating_sub(self.opening))
        } else {
            wanted
        }
    }

    /// Whether [`Self::openings`] is worth a look at the clock when nobody waits.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.failures == 0
            && self
                .bounds
                .is_some_and(|bounds| self.idle + self.asked + self.opening < bounds.min && self.total() < bounds.max)
    }

    /// A connection is being opened.
    pub fn open(&mut self) {
        self.opening += 1;
    }

    /// It is open, at the address of `epoch`.
    pub fn opened(&mut self, epoch: u64) -> Verdict {
        self.opening -= 1;
        if epoch == self.epoch {
            self.failures = 0;
            self.retry_at = Moment::default();
        }
        self.settle(epoch == self.epoch)
    }

    /// It could not be opened.
    pub fn open_failed(&mut self, epoch: u64, now: Moment) {
        self.opening -= 1;
        if epoch == self.epoch {
            let rest = REST.0.saturating_mul(1 << self.failures.min(10)).min(REST.1);
            self.failures = self.failures.saturating_add(1);
            self.retry_at = now.plus(rest);
        }
    }

    /// When [`Self::openings`] may answer differently only because time has passed.
    #[must_use]
    pub fn retry_at(&self) -> Option<Moment> {
        (self.failures > 0).then_some(self.retry_at)
    }

    /// Whether an idle connection may be lent: not when as many as allowed are.
    #[must_use]
    pub fn can_lend(&self) -> bool {
        self.idle > 0 && self.bounds.is_some_and(|bounds| self.lent < bounds.max)
    }

    /// An idle connection is lent.
    pub fn lend(&mut self) {
        self.idle -= 1;
        self.lent += 1;
    }

    /// It was not wanted after all.
    pub fn take_back(&mut self) {
        self.lent -= 1;
        self.idle += 1;
    }

    /// One that was lent is back, opened at `born` at the address of `epoch`, and whether it is in order.
    pub fn give_back(&mut self, epoch: u64, born: Moment, is_sound: bool, now: Moment) -> Verdict {
        self.lent -= 1;
        self.settle(is_sound && self.is_current(epoch, born, now))
    }

    /// An idle connection is asked.
    pub fn ask(&mut self) {
        self.idle -= 1;
        self.asked += 1;
    }

    /// It has answered, or has not.
    pub fn answered(&mut self, epoch: u64, born: Moment, is_sound: bool, now: Moment) -> Verdict {
        self.asked -= 1;
        self.settle(is_sound && self.is_current(epoch, born, now))
    }

    fn is_current(&self, epoch: u64, born: Moment, now: Moment) -> bool {
        epoch == self.epoch && self.bounds.is_some_and(|bounds| !bounds.has_outlived(born, now))
    }

    /// A connection is here that stood in no column that stays: idle, if it is fit and there is room.
    fn settle(&mut self, is_fit: bool) -> Verdict {
        if is_fit && self.staying() + self.reserved < self.room() {
            self.idle += 1;
            Verdict::Keep
        } else {
            self.closing += 1;
            Verdict::Retire
        }
    }

    /// How many idle connections are too many by the maximum.
    #[must_use]
    pub fn surplus(&self) -> u32 {
        (self.staying() + self.reserved).saturating_sub(self.room()).min(self.idle)
    }

    /// How many connections may stay or be reserved.
    fn room(&self) -> u32 {
        self.bounds.map_or(0, |bounds| bounds.max + u32::from(self.is_beyond))
    }

    /// Whether the data would be gone with the next connection that is closed.
    fn is_last(&self) -> bool {
        self.idle + self.lent + self.asked <= 1 && self.bounds.is_some_and(|bounds| bounds.is_ephemeral)
    }

    /// Whether an idle connection can make room for one to a new address, once what is closing is closed.
    #[must_use]
    pub fn can_make_room(&self) -> bool {
        self.closing == 0 && !self.is_last()
    }

    /// Whether an idle connection, opened at `born` and idle since `since`, has had its time and can be spared.
    #[must_use]
    pub fn can_reap(&self, born: Moment, since: Moment, now: Moment) -> bool {
        let Some(bounds) = self.bounds else { return true };
        if self.is_last() {
            return false;
        }
        if bounds.has_outlived(born, now) {
            // Its replacement comes first. At the maximum there is no room for that: one after the other then.
            let is_replaced = self.idle > bounds.min;
            return is_replaced || (self.total() >= bounds.max && self.closing == 0 && self.opening == 0);
        }
        self.idle > bounds.min && now.since(since) >= bounds.idle_timeout
    }

    /// When an idle connection may have had its time.
    #[must_use]
    pub fn due(&self, born: Moment, since: Moment) -> Moment {
        let Some(bounds) = self.bounds else { return since };
        let old = if bounds.is_ephemeral { Moment::from_nanos(u64::MAX) } else { born.plus(bounds.max_lifetime) };
        if self.idle > bounds.min {
            old.min(since.plus(bounds.idle_timeout))
        } else {
            old
        }
    }

    /// Whether one opened at `born` is too old.
    #[must_use]
    pub fn is_expired(&self, born: Moment, now: Moment) -> bool {
        self.bounds.is_some_and(|bounds| bounds.has_outlived(born, now))
    }

    /// An idle connection is to be closed.
    pub fn retire(&mut self) {
        self.idle -= 1;
        self.closing += 1;
    }

    /// One is closed.
    pub fn closed(&mut self) {
        self.closing -= 1;
    }

    /// One that was lent, or asked, is gone without a word: its task was ended.
    pub fn lost(&mut self, was_asked: bool) {
        self.asked -= u32::from(was_asked);
        self.lent -= u32::from(!was_asked);
    }

    /// Takes room for one connection to a new address, within `limit`, the greater of both maxima. Where only the
    /// last connection to data in memory is in the way, one beyond it: the new address may yet turn out wrong.
    #[must_use]
    pub fn reserve(&mut self, limit: u32) -> bool {
        let is_only_the_last = self.is_last() && self.idle == 1 && self.total() == 1;
        let has_room = is_only_the_last || self.total() < limit;
        self.reserved += u32::from(has_room);
        // The maximum in force holds until the swap, and must not cost the last one either.
        self.is_beyond |= has_room && self.is_last() && self.staying() + self.reserved > self.room();
        has_room
    }

    /// The room is used by the first connection of the new address.
    pub fn adopt(&mut self) {
        self.unreserve();
        self.idle += 1;
    }

    /// The room is not used after all.
    pub fn unreserve(&mut self) {
        self.reserved -= 1;
        self.is_beyond = false;
    }

    /// What was opened in it is to be closed.
    pub fn retire_reserved(&mut self) {
        self.unreserve();
        self.closing += 1;
    }
}
