//! How many recent calls there were, and how many of them were bad.
//!
//! A fixed ring of buckets: a call touches one, and a judgement reads all sixteen,
//! whatever the rate. Each bucket carries the stamp of the time it counts in the same
//! word as its count, so a thread that finds an old bucket starts it anew and counts in
//! one exchange: no reset to race with, and no count is lost or counted twice.
//!
//! The stamp also carries the epoch: with each change of the circuit's state it jumps
//! by more than the ring is long, so every window begins empty in every epoch, and a
//! call that was late by an epoch is counted nowhere.
//!
//! The window reaches back between fifteen and sixteen sixteenths of its length.

use super::sync::{AtomicU64, Ordering};

const BUCKETS: usize = 16;
const BEHIND: u64 = BUCKETS as u64;
/// Twice the ring: clocks of two threads may differ by a bucket or so at the border of epochs.
const EPOCH_STRIDE: u64 = 2 * BEHIND;
const COUNT_BITS: u32 = 28;
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;
const STAMP_MAX: u64 = (1 << (u64::BITS - COUNT_BITS)) - 1;

/// The counts of recent calls.
#[derive(Debug)]
pub(super) struct Window {
    length: u64,
    buckets: [Bucket; BUCKETS],
}

#[derive(Debug)]
struct Bucket {
    calls: AtomicU64,
    bad: AtomicU64,
}

impl Window {
    /// An empty window of so many nanoseconds.
    pub(super) fn new(length: u64) -> Self {
        let bucket = |_| Bucket { calls: AtomicU64::new(0), bad: AtomicU64::new(0) };
        Self { length, buckets: std::array::from_fn(bucket) }
    }

    /// How far it reaches back, in nanoseconds.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Counts a call.
    pub(super) fn record(&self, epoch: u64, now: u64, bad: bool) {
        let stamp = self.stamp(epoch, now);
        let bucket = self.bucket(stamp);
        // Calls first, and read last: the bad ones are never seen to be more than all.
        count(&bucket.calls, stamp);
        if bad {
            count(&bucket.bad, stamp);
        }
    }

    /// All recent calls of the epoch, and the bad ones.
    pub(super) fn sums(&self, epoch: u64, now: u64) -> (u64, u64) {
        let stamp = self.stamp(epoch, now);
        let bad = self.buckets.iter().map(|bucket| recent(&bucket.bad, stamp)).sum();
        let calls = self.buckets.iter().map(|bucket| recent(&bucket.calls, stamp)).sum();
        (calls, bad)
    }

    /// These counts in a window of another length: each bucket's where the middle of it falls. What is
    /// counted meanwhile may be missing.
    pub(super) fn resized(&self, length: u64, epoch: u64, now: u64) -> Self {
        let other = Self::new(length);
        let (width, stamp) = (self.width(), self.stamp(epoch, now));
        for bucket in &self.buckets {
            let (calls, bad) = (bucket.calls.load(Ordering::Acquire), bucket.bad.load(Ordering::Acquire));
            let back = age(stamp, calls);
            if back < BEHIND {
                let middle = (now / width).saturating_sub(back) * width + width / 2;
                let at = other.stamp(epoch, middle.min(now));
                let into = other.bucket(at);
                add(&into.calls, at, calls & COUNT_MAX);
                if age(stamp, bad) == back {
                    add(&into.bad, at, bad & COUNT_MAX);
                }
            }
        }
        other
    }

    /// How long a bucket counts.
    fn width(&self) -> u64 {
        (self.length / BEHIND).max(1)
    }

    fn stamp(&self, epoch: u64, now: u64) -> u64 {
        let tick = now / self.width();
        tick.wrapping_add(epoch.wrapping_mul(EPOCH_STRIDE)) & STAMP_MAX
    }

    fn bucket(&self, stamp: u64) -> &Bucket {
        // The remainder of a division by the ring's length fits any integer.
        &self.buckets[usize::try_from(stamp % BEHIND).unwrap_or(0)]
    }
}

/// Adds one to a bucket's word.
fn count(word: &AtomicU64, stamp: u64) {
    add(word, stamp, 1);
}

/// Adds to a bucket's word, which starts anew if it counted an earlier time.
fn add(word: &AtomicU64, stamp: u64, calls: u64) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let age = age(stamp, seen);
        let next = if age == 0 {
            seen & !COUNT_MAX | (seen & COUNT_MAX).saturating_add(calls).min(COUNT_MAX)
        } else if age <= STAMP_MAX / 2 {
            stamp << COUNT_BITS | calls
        } else {
            // The bucket counts a later time: this call is older than the window.
            return;
        };
        match word.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(actual) => seen = actual,
        }
    }
}

/// The count of a bucket's word if it lies in the window that ends with `stamp`.
fn recent(word: &AtomicU64, stamp: u64) -> u64 {
    let seen = word.load(Ordering::Acquire);
    if age(stamp, seen) < BEHIND {
        seen & COUNT_MAX
    } else {
        0
    }
}

/// How many buckets a word lies behind; a huge number if it lies ahead.
fn age(stamp: u64, word: u64) -> u64 {
    stamp.wrapping_sub(word >> COUNT_BITS) & STAMP_MAX
}
