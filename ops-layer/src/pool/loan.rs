//! The machine: who has a connection, since when, and whether that has been too long.
//!
//! It costs a turn one write into a slot that is there: nothing is allocated, searched or scheduled. The keeper looks
//! now and then, so that a loan too long is told of when it is, not when it ends, which may be never.

use crate::clock::Moment;
use std::{panic::Location, time::Duration};

/// Who asked for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taker {
    /// The line that called [`Pool::acquire`](super::Pool::acquire).
    pub place: &'static Location<'static>,
    /// The trace it belonged to.
    pub trace: Option<u128>,
}

/// A loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loan {
    /// Who has it.
    pub taker: Taker,
    /// Since when.
    pub since: Moment,
    /// Whether it was told that this is too long.
    pub is_told: bool,
}

/// The loans of one pool.
#[derive(Debug, Default)]
pub struct Loans {
    slots: Vec<Option<Loan>>,
    free: Vec<usize>,
}

impl Loans {
    /// One begins. Returns its slot.
    pub fn begin(&mut self, taker: Taker, now: Moment) -> usize {
        let loan = Some(Loan { taker, since: now, is_told: false });
        if let Some(slot) = self.free.pop() {
            self.slots[slot] = loan;
            return slot;
        }
        self.slots.push(loan);
        self.slots.len() - 1
    }

    /// The one of a slot ends.
    pub fn end(&mut self, slot: usize) -> Option<Loan> {
        let loan = self.slots.get_mut(slot)?.take();
        // A slot that was free already stays so once.
        self.free.extend(loan.map(|_| slot));
        loan
    }

    /// Those that have become too long since the last look.
    pub fn overdue(&mut self, threshold: Duration, now: Moment) -> Vec<Loan> {
        let is_over = |loan: &&mut Loan| !loan.is_told && !threshold.is_zero() && now.since(loan.since) >= threshold;
        let over = self.slots.iter_mut().flatten().filter(is_over);
        over.map(|loan| {
            loan.is_told = true;
            *loan
        })
        .collect()
    }

    /// When the next becomes too long.
    #[must_use]
    pub fn due(&self, threshold: Duration) -> Option<Moment> {
        let open = self.slots.iter().flatten().filter(|loan| !loan.is_told && !threshold.is_zero());
        open.map(|loan| loan.since.plus(threshold)).min()
    }
}
