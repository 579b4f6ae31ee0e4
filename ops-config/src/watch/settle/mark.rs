//! What events said of a file since the last verdict.

use super::{At, Heard};
use std::time::Duration;

/// How old the word that a file is whole may be when a look begins. What an older one was said of may
/// have been overwritten since, by a writer that no event tells of.
const FRESH: Duration = Duration::from_millis(2);

/// The last word on a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    heard: Heard,
    at: At,
    /// How many looks have begun since: none, one, or more.
    age: u8,
}

impl Mark {
    pub(super) const fn new(heard: Heard, at: At) -> Self {
        Self { heard, at, age: 0 }
    }

    pub(super) fn is_writing(&self) -> bool {
        self.heard == Heard::Writing
    }

    pub(super) fn is_whole(&self) -> bool {
        self.heard == Heard::Whole
    }

    /// Whether no look has begun since.
    pub(super) const fn is_new(&self) -> bool {
        self.age == 0
    }

    /// Whether it was there when a look before the last one began.
    pub(super) const fn is_old(&self) -> bool {
        self.age > 1
    }

    /// A look begins. Whether what it finds may be what this was said of.
    pub(super) fn looking(&mut self, now: At) -> bool {
        let in_time = !self.is_whole() || !self.is_new() || now <= self.at.saturating_add(FRESH);
        self.age = self.age.saturating_add(1);
        in_time
    }
}
