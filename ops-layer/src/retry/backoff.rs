//! The pause before an attempt: doubling, with full jitter.
//!
//! Drawn evenly from nothing to the bound: of the ways to jitter it spreads callers that failed together the widest,
//! and with it they need the fewest calls in all ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).

use std::time::Duration;

/// The bounds of pauses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    /// The bound of the first pause.
    pub(super) initial: Duration,
    /// The bound of any pause.
    pub(super) max: Duration,
}

impl Backoff {
    /// The longest that the pause before the `repeat`th repeat may be; the first is 1.
    pub(super) fn bound(&self, repeat: u32) -> Duration {
        let factor = 1_u32.checked_shl(repeat.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial.saturating_mul(factor).min(self.max)
    }

    /// The pause before the `repeat`th repeat, by a chance from 0.0 to 1.0.
    pub(super) fn pause(&self, repeat: u32, chance: f64) -> Duration {
        // A chance that is none must not panic; the bound is at most minutes, far from where the product overflows.
        let chance = if chance.is_nan() { 1.0 } else { chance.clamp(0.0, 1.0) };
        self.bound(repeat).mul_f64(chance)
    }
}
