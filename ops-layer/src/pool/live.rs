//! A connection, as its pool knows it.

use super::{Driver, Proof};
use crate::clock::Moment;

/// An open connection.
pub(super) struct Live<DB: Driver> {
    pub(super) connection: DB::Connection,
    pub(super) born: Moment,
    pub(super) proof: Proof,
    pub(super) epoch: u64,
    /// Where its loan is written down while it is lent.
    pub(super) slot: usize,
}

impl<DB: Driver> Live<DB> {
    /// One that was opened just now, at the address of `epoch`.
    pub(super) const fn new(connection: DB::Connection, epoch: u64, now: Moment) -> Self {
        Self { connection, born: now, proof: Proof::opened(now), epoch, slot: 0 }
    }
}

/// One that waits for a user.
pub(super) struct Idle<DB: Driver> {
    pub(super) live: Live<DB>,
    pub(super) since: Moment,
}
