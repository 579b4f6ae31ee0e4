//! How many are taken, and that nobody knows which.

#![expect(clippy::cast_precision_loss, reason = "small counts, and shares of 2^56")]

use super::{part, turn, Deck, WHOLE};
use fastrand::Rng;
use ops_config::value::Ratio;
use proptest::prelude::*;

/// Shares as they come, the ends and the smallest parts among them.
fn share() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..=WHOLE,
        1 => Just(0),
        1 => Just(WHOLE),
        1 => 1u64..200,
        1 => WHOLE - 200..WHOLE,
        1 => (0u32..56).prop_map(|bits| WHOLE >> bits),
    ]
}

fn deal(deck: &Deck, ratio: f64, random: &mut Rng) -> bool {
    deck.takes(part(Ratio::try_from(ratio).expect("a ratio"), WHOLE), || random.u64(..))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Feature: production-excellence, Property 2: after each single one the sum of the shares has been taken, give
    /// or take less than one, whatever the shares are and however chance falls.
    #[test]
    fn what_is_due_has_been_taken_at_every_moment(
        shares in prop::collection::vec((share(), 1usize..40), 1..20),
        seed in any::<u64>(),
        chance in prop_oneof![Just(None), Just(Some(0)), Just(Some(u64::MAX))],
    ) {
        let (deck, mut random) = (Deck::default(), Rng::with_seed(seed));
        let (mut due, mut taken) = (0u128, 0u128);
        for (share, count) in shares {
            for _ in 0..count {
                due += u128::from(share);
                taken += u128::from(deck.takes(share, || chance.unwrap_or_else(|| random.u64(..)))) << 56;
                prop_assert!(taken.abs_diff(due) < u128::from(WHOLE), "{} of {}", taken, due);
            }
        }
    }

    /// Feature: production-excellence, Property 2: each for itself is taken with the probability that was asked for,
    /// and the deck is ahead with that of its fraction: summed up over both states and all of chance, not tried.
    #[test]
    fn each_for_itself_is_taken_with_its_share(fraction in 1..WHOLE, share in 1..WHOLE) {
        let (steps, one) = (2000, WHOLE as f64);
        let (mut takes, mut ahead) = (0.0, 0.0);
        for (was_ahead, weight) in [(0, 1.0 - fraction as f64 / one), (1, fraction as f64 / one)] {
            for step in 0..steps {
                let (next, taken) = turn(fraction << 8 | was_ahead, share, u64::MAX / steps * step);
                takes += weight * f64::from(u8::from(taken)) / steps as f64;
                ahead += weight * f64::from(u8::from(next & 1 == 1)) / steps as f64;
            }
        }
        // So much is lost between two steps.
        let grain = 2.0 / steps as f64;
        prop_assert!((takes - share as f64 / one).abs() <= grain, "{takes}");
        prop_assert!((ahead - ((fraction + share) % WHOLE) as f64 / one).abs() <= grain, "{ahead}");
    }
}

/// Five standard deviations of as many independent coins: with the seeds given, either always or never exceeded.
fn is_fair(taken: usize, of: usize, rate: f64) -> bool {
    let deviation = (of as f64 * rate * (1.0 - rate)).sqrt();
    (taken as f64 - of as f64 * rate).abs() <= 5.0 * deviation
}

#[test]
fn whatever_comes_in_step_with_the_share_gets_its_own() {
    for (seed, rate) in [0.5, 0.25, 0.1, 0.05, 0.01, 0.3, 1.0 / 3.0, 0.9].into_iter().enumerate() {
        for period in [2, 3, 4, 10, 100] {
            let (deck, mut random) = (Deck::default(), Rng::with_seed(seed as u64));
            let (mut taken, each) = (vec![0; period], 4000);
            for n in 0..each * period {
                taken[n % period] += usize::from(deal(&deck, rate, &mut random));
            }
            assert!(taken.iter().all(|taken| is_fair(*taken, each, rate)), "{rate}, {period} in turn: {taken:?}");
        }
    }
}

#[test]
fn how_one_was_dealt_says_little_of_the_next_period() {
    // One of two in each pair; which one is tossed for anew, so two pairs agree half of the time.
    let (deck, mut random) = (Deck::default(), Rng::with_seed(7));
    let firsts: Vec<bool> = (0..20_000).map(|_| deal(&deck, 0.5, &mut random)).step_by(2).collect();
    let agree = firsts.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert!(is_fair(agree, firsts.len() - 1, 0.5), "{agree}");
}

#[test]
fn none_and_all_ask_for_no_chance_and_leave_the_deck_as_it_is() {
    let (deck, mut random) = (Deck::default(), Rng::with_seed(1));
    deal(&deck, 0.3, &mut random);
    let before = deck.state.load(super::Relaxed);
    for _ in 0..1000 {
        assert!(!deck.takes(0, || panic!("no chance")) && deck.takes(WHOLE, || panic!("no chance")));
    }
    assert_eq!(deck.state.load(super::Relaxed), before);
}

#[test]
fn threads_that_deal_together_take_no_more_and_no_less() {
    let deck = Deck::default();
    let taken: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|seed| {
                let (deck, mut random) = (&deck, Rng::with_seed(seed));
                scope.spawn(move || (0..10_000).filter(|_| deal(deck, 0.1, &mut random)).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).sum()
    });
    assert_eq!(taken, 4000);
}
