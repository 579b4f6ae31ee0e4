//! What a pool is held to.

use crate::clock::Moment;
use std::time::Duration;

/// What a pool is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections kept idle, as long as the maximum allows.
    pub min: u32,
    /// Connections open, whatever they do.
    pub max: u32,
    /// How long one may be idle beyond the minimum.
    pub idle_timeout: Duration,
    /// How old one may become.
    pub max_lifetime: Duration,
    /// The last one is never closed, and age does not count: the data would be gone.
    pub is_ephemeral: bool,
}

impl Bounds {
    /// Whether a connection opened at `born` is too old.
    pub(super) fn has_outlived(&self, born: Moment, now: Moment) -> bool {
        !self.is_ephemeral && now.since(born) >= self.max_lifetime
    }
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is idle now.
    Keep,
    /// It is to be closed; [`Ledger::closed`](super::Ledger::closed) ends it.
    Retire,
}
