//! What keeps a storm of saves from becoming a storm of reloads.
//!
//! The first saves of a burst are judged at once: whoever saves two or three files by hand or by
//! a tool sees each in force without a wait. When more follow closely, what is seen must first
//! stay as it is for the settle time, so that a thousand saves end with the last in force and
//! few in between; and a storm that does not end is looked into twice a second.

use super::At;
use std::time::Duration;

/// How many verdicts of one burst come at once.
const FREE: u8 = 3;

/// The least that a storm must pause, however short the settle time.
const QUIET: Duration = Duration::from_millis(10);

/// A pause between two changes that ends a burst.
const CALM: Duration = Duration::from_millis(100);

/// The longest that a storm keeps what it brings from being judged, counted from the last verdict.
const LONGEST: Duration = Duration::from_millis(500);

/// Changes that follow each other closely, and what was judged of them.
#[derive(Debug, Default)]
pub(super) struct Burst {
    changed: Option<At>,
    judged: u8,
    judged_at: At,
}

impl Burst {
    /// Takes note of a change.
    pub(super) fn changed(&mut self, now: At) {
        if self.changed.is_none_or(|before| now >= before.saturating_add(CALM)) {
            self.judged = 0;
        }
        self.changed = Some(now);
    }

    /// Takes note of a verdict.
    pub(super) fn judged(&mut self, now: At) {
        self.judged = self.judged.saturating_add(1);
        self.judged_at = now;
    }

    /// Whether so much was judged already that the rest has to wait.
    pub(super) const fn is_storm(&self) -> bool {
        self.judged >= FREE
    }

    /// From when on something may be judged that has stood since `since`, were it whole.
    pub(super) fn ready(&self, since: At, settle: Duration) -> At {
        if self.is_storm() {
            since.saturating_add(settle.max(QUIET)).min(self.judged_at.saturating_add(LONGEST))
        } else {
            since
        }
    }
}
