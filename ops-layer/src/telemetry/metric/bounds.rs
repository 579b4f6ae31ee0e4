//! The upper bounds of a histogram's buckets.

use ops_config::value::Positive;

/// The upper bounds of a histogram's buckets, in seconds as they are shown and in nanoseconds as
/// they are compared: whole numbers, because a request's time is one.
#[derive(Debug)]
pub(super) struct Bounds {
    seconds: Vec<Positive>,
    nanos: Box<[u64]>,
}

/// The bounds of the buckets do not rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotRising;

impl Bounds {
    /// Bounds in seconds, strictly rising.
    ///
    /// # Errors
    /// They do not rise; `check` has refused that before.
    pub(super) fn try_new(seconds: &[Positive]) -> Result<Self, NotRising> {
        if !seconds.windows(2).all(|pair| pair[0].get() < pair[1].get()) {
            return Err(NotRising);
        }
        Ok(Self { seconds: seconds.to_vec(), nanos: seconds.iter().map(|bound| nanos(bound.get())).collect() })
    }

    pub(super) fn seconds(&self) -> &[Positive] {
        &self.seconds
    }

    /// How many buckets there are, the one beyond all bounds included.
    pub(super) fn buckets(&self) -> usize {
        self.nanos.len() + 1
    }

    /// The bucket that a time falls in; a bound belongs to the bucket below it.
    pub(super) fn bucket(&self, nanos: u64) -> usize {
        self.nanos.partition_point(|bound| *bound < nanos)
    }
}

/// The longest time in whole nanoseconds that is no longer than the bound.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positive, saturates, and exact for a hundred days"
)]
fn nanos(seconds: f64) -> u64 {
    // Rounded first: 0.3 s is 299 999 999.99 ns by multiplication, and means 300 000 000.
    let nearest = (seconds * 1e9).round() as u64;
    // Divided, not as `Duration` has it in two parts: the quotient is the number nearest to what was written.
    nearest - u64::from(nearest > 0 && nearest as f64 / 1e9 > seconds)
}

#[cfg(test)]
mod tests {
    use super::Bounds;
    use ops_config::value::Positive;
    use proptest::prelude::*;
    use std::time::Duration;

    fn bounds(seconds: &[f64]) -> Option<Bounds> {
        let seconds: Vec<_> = seconds.iter().map(|bound| Positive::try_from(*bound).expect("positive")).collect();
        Bounds::try_new(&seconds).ok()
    }

    /// As a person would write it.
    fn in_seconds(nanos: u64) -> f64 {
        let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        text.parse().expect("a number")
    }

    #[test]
    fn bounds_that_do_not_rise_are_refused() {
        assert!(bounds(&[2.0, 1.0]).is_none() && bounds(&[1.0, 1.0]).is_none());
        assert!(bounds(&[0.1, 0.2, 0.30, 1e12]).is_some());
    }

    #[test]
    fn what_is_written_with_few_digits_is_met_to_the_nanosecond() {
        for millis in 1..2_000 {
            let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
            let bounds = bounds(&[text.parse().expect("a number")]).expect("one bound");
            let at = Duration::from_millis(millis).as_nanos().try_into().expect("a small number");
            assert_eq!((bounds.bucket(at), bounds.bucket(at + 1)), (0, 1), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_time_falls_in_the_first_bucket_whose_bound_it_does_not_pass(
            written in prop::collection::btree_set(1u64..20_000_000_000, 1..30),
            times in prop::collection::vec(0u64..30_000_000_000, 1..50),
        ) {
            let seconds: Vec<f64> = written.iter().map(|nanos| in_seconds(*nanos)).collect();
            let bounds = bounds(&seconds).expect("rising");
            for time in times.into_iter().chain(written) {
                let model = seconds.iter().position(|bound| in_seconds(time) <= *bound).unwrap_or(seconds.len());
                prop_assert_eq!(bounds.bucket(time), model);
            }
        }
    }
}
