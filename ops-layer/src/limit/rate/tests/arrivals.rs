//! One bucket against the definition of a bucket of tokens.

use super::{
    super::{
        bucket::{take, Bucket},
        refill::{Refill, TOKEN},
    },
    at, SECOND,
};
use proptest::{collection::vec, prelude::*};
use std::{thread, time::Duration};

/// A rate: tokens, nanoseconds, tokens in a full bucket.
fn rate() -> impl Strategy<Value = (u64, u64, u64)> {
    (1_u64..=1_000_000, 1_000_000_000_u64..=86_400_000_000_000, 1_u64..20)
}

proptest! {
    /// Exact, by the definition and not by an algorithm: of all stretches of time that end now, whether one has
    /// more requests than a full bucket and what came back since. The scale's one rounding is a part of a token.
    #[test]
    fn no_stretch_of_time_has_more_than_a_full_bucket_and_what_came_back(
        (tokens, period, burst) in rate(),
        gaps in vec((0_u64..3000, prop_oneof![Just(1_u64), Just(1000)]), 1..120),
    ) {
        let refill = Refill::new(tokens, Duration::from_nanos(period), at(0));
        let (mut paid, mut now) = (0, 0);
        let mut admitted: Vec<u64> = Vec::new();
        let [tokens, period, full] = [tokens, period, burst].map(u128::from);
        // In parts of tokens times the period, so that nothing is rounded.
        let holds = |admitted: &[u64], now: u64, slack: u128| admitted.iter().enumerate().all(|(first, since)| {
            let count = (admitted.len() - first) as u128;
            let back = tokens * u128::from(now - since) * u128::from(TOKEN);
            count * u128::from(TOKEN) * period + slack <= full * u128::from(TOKEN) * period + back + period
        });
        for (thousandths, factor) in gaps {
            // Around the time of one token: that is where it is decided.
            now += u64::try_from(period / tokens * u128::from(thousandths * factor) / 1000).expect("small");
            if let Ok(next) = take(paid, refill.mark(at(now)), burst * TOKEN) {
                paid = next;
                admitted.push(now);
                prop_assert!(holds(&admitted, now, 0), "too many by {now}");
            } else {
                let mut tried = admitted.clone();
                tried.push(now);
                prop_assert!(!holds(&tried, now, 2 * period), "refused at {now} though there was a token");
            }
        }
    }

    #[test]
    fn who_keeps_to_the_rate_is_never_refused((tokens, period, _) in rate(), begin in 0_u64..1 << 50, late in vec(0_u64..5, 1..300)) {
        let refill = Refill::new(tokens, Duration::from_nanos(period), at(begin / 2));
        let (mut paid, mut now) = (0, begin);
        for late in late {
            // Not even a bucket of more than one token is needed.
            paid = take(paid, refill.mark(at(now)), TOKEN).expect("a token");
            now += period.div_ceil(tokens) + late;
        }
    }

    #[test]
    fn the_time_told_is_exactly_enough((tokens, period, burst) in rate(), begin in 0_u64..1 << 50) {
        let refill = Refill::new(tokens, Duration::from_nanos(period), at(0));
        let bucket = Bucket::default();
        let mark = refill.mark(at(begin));
        for _ in 0..burst {
            prop_assert!(bucket.take(mark, burst * TOKEN).is_ok());
        }
        let missing = bucket.take(mark, burst * TOKEN).expect_err("it is empty");
        let then = at(begin).plus(refill.until(mark + missing, at(begin)));
        prop_assert!(bucket.take(refill.mark(at(then.nanos() - 1)), burst * TOKEN).is_err());
        prop_assert!(bucket.take(refill.mark(then), burst * TOKEN).is_ok());
        prop_assert!(bucket.take(refill.mark(then), burst * TOKEN).is_err());
    }

    /// Feature: production-excellence, Property 22: an edit of the rate leaves what was spent as it was, and one
    /// that says the same changes nothing at all.
    #[test]
    fn another_rate_keeps_what_was_spent(rates in vec((1_u64..1_000_000, 1_u64..90_000), 1..8), spent in 0_u64..50, ms in 0_u64..1_000_000) {
        let mut refill = Refill::new(rates[0].0, SECOND, at(0));
        let now = at(ms * 1_000_000);
        let mut paid = 0;
        for _ in 0..spent {
            paid = take(paid, refill.mark(now), 50 * TOKEN).expect("a token");
        }
        for (tokens, seconds) in rates {
            refill = refill.at_rate(tokens, SECOND * u32::try_from(seconds).expect("small"), now);
            prop_assert_eq!(refill.at_rate(tokens, SECOND * u32::try_from(seconds).expect("small"), at(u64::MAX)), refill);
            prop_assert_eq!(paid.saturating_sub(refill.mark(now)), spent * TOKEN);
        }
    }
}

#[test]
fn threads_together_take_no_more_than_there_is() {
    let bucket = Bucket::default();
    let taken = thread::scope(|scope| {
        let work = || (0..5000).filter(|_| bucket.take(7, 6000 * TOKEN).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
    });
    assert_eq!(taken, 6000);
}

#[test]
fn the_scale_lasts_for_decades_at_the_highest_rate() {
    let refill = Refill::new(1_000_000, SECOND, at(0));
    let years = |n: u64| at(n * 365 * 86_400 * 1_000_000_000);
    assert_eq!(refill.mark(years(30)) - refill.mark(years(29)), 365 * 86_400 * 1_000_000 * TOKEN);
}
