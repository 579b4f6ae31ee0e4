//! `max_traces_per_second`, whatever the clock does.

use super::{sampled, sampler, Tally};
use crate::clock::Moment;
use proptest::prelude::*;
use std::time::Duration;

fn at(millis: u64) -> Moment {
    Moment::from_duration(Duration::from_millis(millis))
}

proptest! {
    /// The cap is met in every second, and not exceeded, whatever the load.
    #[test]
    fn no_second_has_more_than_the_cap(most in 1u32..50, mut at in prop::collection::vec(0u64..5_000, 1..400)) {
        let tally = Tally::default();
        at.sort_unstable();
        let mut seconds = [0u32; 5];
        for milli in &at {
            seconds[usize::try_from(milli / 1000).expect("small")] += u32::from(tally.admit(most, super::capped::at(*milli)));
        }
        for (second, admitted) in seconds.iter().enumerate() {
            let asked = at.iter().filter(|milli| **milli / 1000 == second as u64).count();
            prop_assert_eq!(*admitted, most.min(u32::try_from(asked).expect("small")));
        }
    }

    /// A clock that is set anywhere never lets more than the cap through between two of its jumps.
    #[test]
    fn a_clock_that_jumps_neither_stops_recording_nor_opens_the_gate(
        most in 1u32..20,
        jumps in prop::collection::vec((0u64..100, 1u32..60), 1..30),
    ) {
        let tally = Tally::default();
        let mut before: Option<u64> = None;
        for (second, asked) in jumps {
            let admitted = (0..asked).filter(|_| tally.admit(most, at(second * 1000))).count();
            let admitted = u32::try_from(admitted).expect("small");
            prop_assert!(admitted <= most);
            // Within the second before it counts as late, and may find the second full.
            let is_late = before.is_some_and(|before| before == second || before == second + 1);
            prop_assert!(is_late || admitted == most.min(asked), "{admitted} of {asked} at {second} after {before:?}");
            before = before.filter(|_| is_late).or(Some(second));
        }
    }
}

#[test]
fn while_the_clock_stands_its_second_lasts() {
    let tally = Tally::default();
    assert_eq!((0..1000).filter(|_| tally.admit(7, at(5_500))).count(), 7);
    assert!(tally.admit(7, at(6_000)), "and ends when it goes on");
}

#[test]
fn a_request_that_comes_late_counts_in_the_second_that_has_begun() {
    let tally = Tally::default();
    assert!(tally.admit(2, at(2_000)) && tally.admit(2, at(1_999)) && !tally.admit(2, at(2_001)));
}

#[test]
fn a_reload_changes_the_cap_and_grants_no_second_share() {
    let (tally, now) = (Tally::default(), || at(9_000));
    let record = |most: u32| {
        let sampler = sampler(&format!("sampling_rate = 1.0\nmax_traces_per_second = {most}"));
        let traces: Vec<_> = (0..100).map(|_| sampler.decide("/", None, &tally, now).context).collect();
        sampled(&traces)
    };
    assert_eq!([5, 5, 8, 3].map(record), [5, 0, 3, 0]);
}

#[test]
fn threads_share_one_cap() {
    let tally = Tally::default();
    let admitted: usize = std::thread::scope(|scope| {
        let ask = || (0..1000).filter(|_| tally.admit(333, at(1_000))).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!(admitted, 333);
}
