use super::{Retry, ASKED, FIRST, LONGEST, PATIENCE};
use crate::clock::Moment;
use proptest::{collection::vec, option, prelude::*};
use std::time::Duration;

const BEGIN: Moment = Moment::from_nanos(7_000_000_000);

/// Fails each try after a time, waits as told, and returns the pauses and how old the batch was at the last.
fn run(tries: &[(u64, Option<u64>, f64)]) -> (Vec<Duration>, bool, Duration) {
    let (mut retry, mut now, mut pauses) = (Retry::begin(BEGIN), BEGIN, Vec::new());
    for (took, asked, chance) in tries {
        now = now.plus(Duration::from_millis(*took));
        let Some(pause) = retry.pause(now, asked.map(Duration::from_secs), *chance) else {
            return (pauses, true, now.since(BEGIN));
        };
        pauses.push(pause);
        now = now.plus(pause);
    }
    (pauses, false, now.since(BEGIN))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn pauses_double_up_to_a_bound_within_their_jitter(chances in vec(0.0..=1.0f64, 1..40)) {
        let tries: Vec<_> = chances.iter().map(|chance| (0, None, *chance)).collect();
        let (pauses, _, _) = run(&tries);
        let mut base = FIRST;
        for (pause, chance) in pauses.iter().zip(&chances) {
            prop_assert!(*pause >= base / 2 && *pause <= base * 3 / 2, "{pause:?} around {base:?}");
            prop_assert_eq!(*pause, base / 2 + base.mul_f64(*chance));
            base = (base * 2).min(LONGEST);
        }
    }

    #[test]
    fn a_collector_is_left_alone_as_long_as_it_asks_and_no_longer_than_a_minute(
        asked in 0u64..100_000, chance in 0.0..=1.0f64, before in 0usize..4,
    ) {
        let mut tries = vec![(0, None, 0.0); before];
        tries.push((0, Some(asked), chance));
        let (pauses, _, _) = run(&tries);
        let pause = *pauses.last().expect("it is young");
        prop_assert!(pause >= Duration::from_secs(asked).min(ASKED));
        prop_assert!(pause <= ASKED + LONGEST);
    }

    #[test]
    fn those_who_were_asked_to_wait_equally_long_come_back_apart(asked in 0u64..100, before in 0usize..9) {
        let [early, late] = [0.0, 1.0].map(|chance| {
            let mut tries = vec![(0, None, 0.0); before];
            tries.push((0, Some(asked), chance));
            *run(&tries).0.last().expect("it is young")
        });
        prop_assert!(late >= early + FIRST, "{early:?} {late:?}");
    }

    #[test]
    fn a_batch_is_given_up_when_it_is_old_and_not_before(
        tries in vec((0u64..20_000, option::of(0u64..90), 0.0..=1.0f64), 700..701),
    ) {
        let (pauses, given_up, age) = run(&tries);
        prop_assert!(given_up, "after {} pauses", pauses.len());
        // The pause that was not granted would have led beyond; none that was did.
        prop_assert!(age + ASKED + LONGEST > PATIENCE, "{age:?}");
        prop_assert!(age <= PATIENCE + Duration::from_secs(20), "{age:?}");
    }

    #[test]
    fn a_chance_out_of_range_does_no_harm(chance in any::<f64>()) {
        let (pauses, _, _) = run(&[(0, None, chance)]);
        prop_assert!(pauses[0] <= FIRST * 3 / 2);
    }
}
