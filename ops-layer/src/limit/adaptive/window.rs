//! The times of one window.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Buckets for each doubling of the time: each is 4 to 6 % wide, and within one the median is interpolated.
const STEPS: usize = 16;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// The first bucket holds what is below 8 µs.
const SHORTEST: u32 = 13;
/// The last holds what is above an hour.
const DOUBLINGS: usize = 29;

/// Times in buckets. Many threads write; a count that is read while they do may miss the last of them.
#[derive(Debug)]
pub(super) struct Times {
    counts: Box<[AtomicU32]>,
}

impl Default for Times {
    fn default() -> Self {
        Self { counts: (0..DOUBLINGS * STEPS).map(|_| AtomicU32::new(0)).collect() }
    }
}

impl Times {
    /// Takes in a time in nanoseconds: one addition.
    pub(super) fn record(&self, nanos: u64) {
        self.counts[bucket(nanos)].fetch_add(1, Relaxed);
    }

    /// How many times there are, and their median in nanoseconds.
    pub(super) fn median(&self) -> (u64, f64) {
        let total: u64 = self.counts.iter().map(|count| u64::from(count.load(Relaxed))).sum();
        let mut left = f64_of(total) / 2.0;
        for (at, count) in self.counts.iter().enumerate() {
            let count = f64::from(count.load(Relaxed));
            if count > 0.0 && count >= left {
                let (from, to) = (lower(at), lower(at + 1));
                return (total, from + (to - from) * left / count);
            }
            left -= count;
        }
        (total, 0.0)
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.counts.iter().for_each(|count| count.store(0, Relaxed));
    }
}

fn bucket(nanos: u64) -> usize {
    let nanos = nanos.max(1 << SHORTEST);
    let doubling = nanos.ilog2();
    // The bits behind the first, of which there are few.
    let step = usize::try_from(nanos >> (doubling - STEP_BITS)).unwrap_or_default() % STEPS;
    ((doubling - SHORTEST) as usize * STEPS + step).min(DOUBLINGS * STEPS - 1)
}

/// Where a bucket begins, in nanoseconds.
fn lower(at: usize) -> f64 {
    let begin = 1_u64 << (SHORTEST as usize + at / STEPS);
    f64_of(begin) * (1.0 + f64_of((at % STEPS) as u64) / f64_of(STEPS as u64))
}

#[expect(clippy::cast_precision_loss, reason = "counts and powers of two: far below 2^53, or exact")]
fn f64_of(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::Times;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn the_median_is_within_a_bucket_of_the_true_one(mut nanos in vec(10_000_u64..3_000_000_000_000, 1..200)) {
            let times = Times::default();
            for nanos in &nanos {
                times.record(*nanos);
            }
            nanos.sort_unstable();
            let (count, median) = times.median();
            prop_assert_eq!(count, nanos.len() as u64);
            #[expect(clippy::cast_precision_loss, reason = "compared within six per cent")]
            let [below, above] = [(nanos.len() - 1) / 2, nanos.len() / 2].map(|at| nanos[at] as f64);
            prop_assert!(median >= below * 0.93 && median <= above * 1.07, "{} in {}..{}", median, below, above);
            times.clear();
            prop_assert_eq!(times.median(), (0, 0.0));
        }
    }

    #[test]
    fn no_time_is_too_short_or_too_long() {
        let times = Times::default();
        for nanos in [0, 1, u64::MAX] {
            times.record(nanos);
        }
        assert_eq!(times.median().0, 3);
    }
}
