//! One bucket of tokens.

use super::refill::TOKEN;
use std::sync::atomic::{AtomicU64, Ordering};

/// Takes a token: `paid` is the mark up to which the bucket is paid for, `mark` where the scale stands,
/// `burst` what a full bucket holds, all in parts of tokens. The mark after it, or what is missing.
///
/// A bucket whose mark is behind the scale is full.
pub(super) fn take(paid: u64, mark: u64, burst: u64) -> Result<u64, u64> {
    let next = paid.max(mark).saturating_add(TOKEN);
    match (next - mark).saturating_sub(burst) {
        0 => Ok(next),
        missing => Err(missing),
    }
}

/// A bucket that many threads take from.
#[derive(Debug, Default)]
pub(super) struct Bucket(AtomicU64);

impl Bucket {
    /// As [`take`]. One word holds all there is to know, so nothing else is ordered by it.
    pub(super) fn take(&self, mark: u64, burst: u64) -> Result<(), u64> {
        let mut paid = self.0.load(Ordering::Relaxed);
        loop {
            let next = take(paid, mark, burst)?;
            match self.0.compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => paid = now,
            }
        }
    }
}
