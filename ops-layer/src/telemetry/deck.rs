//! Deals a share of what comes: how many exactly, and nobody knows which.
//!
//! An independent coin for each request would miss a rate of a tenth by a tenth about three times in ten at
//! a thousand requests. A counter that takes every tenth is exact, and blind to whatever comes in step with it:
//! of two routes that take turns it would take one, and the other never. A deck does both. It
//! adds up what is due, and what it took is always that sum rounded down or up; which of the two, chance
//! decides, so that each request for itself is taken with just the probability that was asked for.
//!
//! The state is the fraction `f` of the sum that is due, and whether the deck is ahead of it, which it is with
//! probability `f`. For the next share `s`, the sum either crosses a whole number or does not:
//!
//! | | behind | ahead |
//! |---|---|---|
//! | `f + s < 1` | takes with `s / (1 - f)`, and is ahead then | does not take |
//! | `f + s ≥ 1` | takes | takes with `(f + s - 1) / f`, or is ahead no longer |
//!
//! By this the probability to take is `s` in both rows, and to be ahead afterwards the fraction of `f + s`.

use super::random;
use ops_config::value::Ratio;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A share of one, in the unit that shares are counted in.
pub(super) const WHOLE: u64 = 1 << 56;

/// The ratio of a power of two up to 2^63, rounded down.
pub(super) fn part(ratio: Ratio, whole: u64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a power of two is exact, and a ratio of it is no larger"
    )]
    let part = (ratio.get() * whole as f64) as u64;
    part
}

/// Deals shares. Of all that were asked for since it was made, it took their sum, give or take less than
/// one, through every change of the share.
///
/// One word for all threads, which the bounded error costs: a word to each would add up their errors. In cache
/// lines of its own, two of which processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Deck {
    /// The fraction of what is due in the upper 56 bits; in the lowest whether the deck is ahead of it.
    state: AtomicU64,
}

impl Deck {
    /// Whether the next one is taken, of which this share of [`WHOLE`] is due. Asks for chance
    /// only where it decides: none and all are none and all.
    pub(super) fn takes(&self, share: u64, chance: impl FnOnce() -> u64) -> bool {
        match share {
            0 => false,
            WHOLE.. => true,
            _ => self.turn(share, chance()),
        }
    }

    fn turn(&self, share: u64, chance: u64) -> bool {
        let mut state = self.state.load(Relaxed);
        loop {
            // Whether another thread came between does not depend on this one's chance, so it may be used again.
            let (next, takes) = turn(state, share, chance);
            match self.state.compare_exchange_weak(state, next, Relaxed, Relaxed) {
                Ok(_) => return takes,
                Err(other) => state = other,
            }
        }
    }
}

/// The state after the next one, and whether that is taken.
fn turn(state: u64, share: u64, chance: u64) -> (u64, bool) {
    let (fraction, is_ahead) = (state >> 8, state & 1 == 1);
    let due = fraction + share;
    let (fraction, is_ahead, takes) = match (due < WHOLE, is_ahead) {
        (true, false) => {
            let takes = random::below(WHOLE - fraction, chance) < share;
            (due, takes, takes)
        }
        (true, true) => (due, true, false),
        (false, false) => (due - WHOLE, false, true),
        // Ahead of nothing it never is, so the fraction is not zero.
        (false, true) => {
            let takes = random::below(fraction, chance) < due - WHOLE;
            (due - WHOLE, takes, takes)
        }
    };
    (fraction << 8 | u64::from(is_ahead), takes)
}

#[cfg(test)]
mod tests;
