//! The only place that reads the clock.
//!
//! Machines take a [`Moment`] as an argument. Services read one here, through
//! tokio, so that a test with a paused clock pauses everything.

use std::{sync::LazyLock, time::Duration};
use tokio::time::Instant;

/// An hour before the first look, by the real clock. A test's paused clock stands where its runtime
/// began, perhaps before another test looked first, and may have been moved ahead of all others:
/// with a start taken from one of them, time would stand still in the rest.
static START: LazyLock<Instant> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    let now = std::time::Instant::now();
    Instant::from_std(now.checked_sub(Duration::from_hours(1)).unwrap_or(now))
});

/// A point in time that fits one atomic word: nanoseconds since an hour before the process first asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        let start = *START;
        Self::from_duration(Instant::now().saturating_duration_since(start))
    }

    /// So long after the start.
    #[must_use]
    pub fn from_duration(since_start: Duration) -> Self {
        Self(u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX))
    }

    /// The point as a word for an atomic.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The point a word stands for.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The time since an earlier point; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The point so much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// The point as tokio's timers take it.
    #[must_use]
    pub fn instant(self) -> Instant {
        *START + Duration::from_nanos(self.0)
    }
}
