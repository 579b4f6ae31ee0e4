//! A share of requests, dealt.

use ops_config::value::Ratio;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A share of requests. Of any N in a row N times the ratio are taken, give or take less than one: a coin
/// would be off by a tenth at a thousand often enough.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) ratio: Ratio,
    /// The ratio of all values of a word: what is dealt wraps once for each request that is taken.
    step: u64,
    dealt: AtomicU64,
}

impl Share {
    /// Starts anywhere, so that the processes of a fleet do not all take their n-th request.
    pub(super) fn new(ratio: Ratio, start: u64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a ratio below one times 2^64 fits, and one itself is not dealt"
        )]
        let step = (ratio.get() * 18_446_744_073_709_551_616.0) as u64;
        Self { ratio, step, dealt: AtomicU64::new(start) }
    }

    /// Whether it takes the next request.
    pub(super) fn takes(&self) -> bool {
        if self.ratio == Ratio::ZERO || self.ratio == Ratio::ONE {
            return self.ratio == Ratio::ONE;
        }
        self.dealt.fetch_add(self.step, Relaxed).checked_add(self.step).is_none()
    }
}
