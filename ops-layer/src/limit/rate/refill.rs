//! The scale that tokens are counted on.

use crate::clock::Moment;
use std::time::Duration;

/// A token in parts. Fine enough that a token a day comes back to within a few seconds, and coarse enough
/// that a million a second do not fill a word in thirty years.
pub(super) const TOKEN: u64 = 1 << 14;

/// How many parts of tokens have come back since the scale began. It rises steadily; a change of the rate
/// changes how fast from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refill {
    /// Tokens in each period.
    tokens: u64,
    /// Nanoseconds, not 0.
    period: u64,
    /// What had come back at `since`.
    before: u64,
    since: Moment,
}

impl Refill {
    /// So many tokens in each period, from now on.
    pub(super) fn new(tokens: u64, period: Duration, now: Moment) -> Self {
        Self { tokens, period: nanos(period), before: 0, since: now }
    }

    /// The same scale at another rate from now on; the same rate is no change.
    pub(super) fn at_rate(self, tokens: u64, period: Duration, now: Moment) -> Self {
        let period = nanos(period);
        if (self.tokens, self.period) == (tokens, period) {
            return self;
        }
        Self { tokens, period, before: self.mark(now), since: now }
    }

    /// What has come back by a moment, in parts of tokens. Exact but for the last part, which comes late.
    pub(super) fn mark(&self, now: Moment) -> u64 {
        let elapsed = u128::from(now.nanos().saturating_sub(self.since.nanos()));
        // At most 2^64 · 2^20 · 2^14: within 128 bits.
        let parts = elapsed * u128::from(self.tokens * TOKEN) / u128::from(self.period);
        self.before.saturating_add(u64::try_from(parts).unwrap_or(u64::MAX))
    }

    /// How long it is until the scale stands at a mark.
    pub(super) fn until(&self, mark: u64, now: Moment) -> Duration {
        let parts = u128::from(mark.saturating_sub(self.before));
        let nanos = (parts * u128::from(self.period)).div_ceil(u128::from(self.tokens * TOKEN));
        let elapsed = now.nanos().saturating_sub(self.since.nanos());
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX).saturating_sub(elapsed))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).max(1)
}
