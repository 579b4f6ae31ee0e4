//! `max_traces_per_second`, whatever the clock does.

use super::{sampled, sampler, Cap};
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
        let cap = Cap::default();
        at.sort_unstable();
        let mut seconds = [0u32; 5];
        for milli in &at {
            seconds[usize::try_from(milli / 1000).expect("small")] += u32::from(cap.admit(most, super::capped::at(*milli)));
        }
        for (second, admitted) in seconds.iter().enumerate() {
            let asked = at.iter().filter(|milli| **milli / 1000 == second as u64).count();
            prop_assert_eq!(*admitted, most.min(u32::try_from(asked).expect("small")));
        }
    }

    /// Requests that were held up, however long, count in the newest second there was.
    #[test]
    fn requests_that_come_late_open_no_second_share(
        most in 1u32..20,
        asked in prop::collection::vec((0u64..100, 1u32..60), 1..30),
    ) {
        let cap = Cap::default();
        let (mut newest, mut left) = (0, most);
        for (second, asked) in asked {
            if second > newest {
                (newest, left) = (second, most);
            }
            let admitted = (0..asked).filter(|_| cap.admit(most, at(second * 1000))).count();
            prop_assert_eq!(u32::try_from(admitted).expect("small"), left.min(asked), "at {} after {}", second, newest);
            left -= left.min(asked);
        }
    }
}

#[test]
fn while_the_clock_stands_its_second_lasts() {
    let cap = Cap::default();
    assert_eq!((0..1000).filter(|_| cap.admit(7, at(5_500))).count(), 7);
    assert!(cap.admit(7, at(6_000)), "and ends when it goes on");
}

#[test]
fn a_request_that_comes_late_counts_in_the_second_that_has_begun() {
    let cap = Cap::default();
    assert!(cap.admit(2, at(2_000)) && cap.admit(2, at(1_999)) && !cap.admit(2, at(2_001)));
}

#[test]
fn a_reload_changes_the_cap_and_grants_no_second_share() {
    let (cap, now) = (Cap::default(), || at(9_000));
    let record = |most: u32| {
        let sampler = sampler(&format!("sampling_rate = 1.0\nmax_traces_per_second = {most}"));
        let traces: Vec<_> = (0..100).map(|_| sampler.decide("/", None, &cap, now).context).collect();
        sampled(&traces)
    };
    assert_eq!([5, 5, 8, 3].map(record), [5, 0, 3, 0]);
}

#[test]
fn threads_share_one_cap() {
    let cap = Cap::default();
    let admitted: usize = std::thread::scope(|scope| {
        let ask = || (0..1000).filter(|_| cap.admit(333, at(1_000))).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!(admitted, 333);
}
