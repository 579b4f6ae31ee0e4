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

/// The mark that a bucket is paid for where it holds `burst`. Only an edit can have left more to be paid: whoever
/// kept to the larger bucket finds the smaller one empty, not far below empty.
pub(super) fn settled(paid: u64, mark: u64, burst: u64) -> u64 {
    paid.min(mark.saturating_add(burst))
}

/// A bucket that many threads take from.
#[derive(Debug, Default)]
pub(super) struct Bucket(AtomicU64);

impl Bucket {
    /// As [`take`] of a [`settled`] bucket. One word holds all there is to know, so nothing else is ordered by it.
    pub(super) fn take(&self, mark: u64, burst: u64) -> Result<(), u64> {
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let paid = settled(seen, mark, burst);
            let taken = take(paid, mark, burst);
            let next = *taken.as_ref().unwrap_or(&paid);
            if next == seen {
                return taken.map(drop);
            }
            match self.0.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return taken.map(drop),
                Err(now) => seen = now,
            }
        }
    }
}
