//! Decisions: pure, and the same for the same seed.

use super::{at, config, decided, everything, plan, Decided};
use crate::chaos::{
    decision::{delay, Rate, Stream},
    Chaos, ChaosPlan,
};
use ops_config::value::Ratio;
use proptest::{collection::vec, prelude::*};
use std::{sync::Mutex, thread, time::Duration};

fn ratio(value: f64) -> Ratio {
    Ratio::try_from(value).expect("a ratio")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Feature: production-excellence, Property 26: the n-th eligible call meets the same decision,
    /// whatever passes between: calls that are not eligible, reloads that change nothing of it.
    #[test]
    fn the_same_seed_makes_the_same_decisions(seed in 0_u64..=u64::from(u32::MAX), between in vec(0_u8..4, 1..200)) {
        let (alone, chaos) = (plan(seed), Chaos::new());
        let mut disturbed = ChaosPlan::build(&config(seed, everything()), &chaos, at(0));
        disturbed.put_in_force();
        for event in between {
            match event {
                0 => prop_assert_eq!(decided(&disturbed, "/other"), None),
                1 => {
                    disturbed = ChaosPlan::build(&config(seed, everything()), &chaos, at(5));
                    disturbed.put_in_force();
                }
                _ => prop_assert_eq!(decided(&disturbed, "/api/x"), decided(&alone, "/api/x")),
            }
        }
    }

    /// Feature: production-excellence, Property 26: over threads, the decisions made are those of one
    /// thread, each once.
    #[test]
    fn threads_share_one_sequence(seed in 0_u64..=u64::from(u32::MAX), counts in vec(1_usize..40, 2..5)) {
        let (alone, shared) = (plan(seed), plan(seed));
        let mut expected: Vec<Decided> = (0..counts.iter().sum()).map(|_| decided(&alone, "/api/x")).collect();
        let made = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for count in counts {
                let (made, shared) = (&made, &shared);
                scope.spawn(move || {
                    let mine: Vec<Decided> = (0..count).map(|_| decided(shared, "/api/x")).collect();
                    made.lock().expect("a whole list").extend(mine);
                });
            }
        });
        let mut made = made.into_inner().expect("a whole list");
        expected.sort_unstable();
        made.sort_unstable();
        prop_assert_eq!(made, expected);
    }

    /// A fault strikes its share of the calls, whatever the seed. Seven standard deviations are
    /// allowed, and a few for rates near nought, so that no seed fails it by bad luck.
    #[test]
    fn a_rate_strikes_its_share(seed in any::<u64>(), rate in 0.0..=1.0_f64) {
        let calls = 10_000_u32;
        for stream in [Stream::Latency, Stream::Jitter, Stream::Drop] {
            let struck = (0..u64::from(calls)).filter(|n| Rate::new(ratio(rate)).strikes(seed, stream, *n)).count();
            let expected = f64::from(calls) * rate;
            let deviation = (expected * (1.0 - rate)).sqrt();
            let off = (f64::from(u32::try_from(struck).expect("a count")) - expected).abs();
            prop_assert!(off <= 7.0 * deviation + 10.0, "{struck} of {calls} at {rate}");
        }
    }

    /// Seeds next to each other, and the streams of one seed, agree no more often than coins do.
    #[test]
    fn streams_and_seeds_do_not_follow_each_other(seed in 0_u64..u64::from(u32::MAX), shift in 0_u64..8) {
        let strikes = |seed, stream, n| Rate::new(ratio(0.5)).strikes(seed, stream, n);
        let agreeing = |other: &dyn Fn(u64) -> bool| {
            (0..10_000).filter(|n| strikes(seed, Stream::Latency, *n + 4) == other(*n)).count()
        };
        // Both ways: the other may run ahead or behind.
        let range = 4_650..=5_350;
        prop_assert!(range.contains(&agreeing(&|n| strikes(seed + 1, Stream::Latency, n + shift))));
        prop_assert!(range.contains(&agreeing(&|n| strikes(seed, Stream::Drop, n + shift))));
        prop_assert!(range.contains(&agreeing(&|n| strikes(seed, Stream::Latency, n + shift + 5))));
    }

    #[test]
    fn a_delay_stays_within_its_jitter(seed in any::<u64>(), ordinal: u64, latency in 1_u64..300_000, part in 0.0..=1.0_f64) {
        let latency = Duration::from_millis(latency);
        let jitter = latency.mul_f64(part);
        let delay = delay(latency, jitter, seed, ordinal);
        prop_assert!(latency <= delay + jitter && delay <= latency + jitter, "{delay:?}");
    }
}

#[test]
fn a_rate_of_one_strikes_all_and_of_nought_none() {
    for n in 0..10_000 {
        assert!(Rate::new(Ratio::ONE).strikes(n, Stream::Drop, n));
        assert!(!Rate::new(Ratio::ZERO).strikes(n, Stream::Drop, n));
    }
}
