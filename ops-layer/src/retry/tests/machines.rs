//! The pure machines.

use super::super::{
    backoff::Backoff,
    budget::{Budget, Rates},
    pushback::{asked, Pushback},
};
use crate::clock::Moment;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::{collection::vec, prelude::*};
use std::time::{Duration, SystemTime};

fn at(millis: u64) -> Moment {
    Moment::from_duration(Duration::from_millis(millis))
}

/// Calls and repeats asked for, each so many milliseconds after the one before.
fn events() -> impl Strategy<Value = Vec<(u64, bool)>> {
    vec((prop_oneof![8 => 0u64..40, 2 => 0u64..400, 1 => 0u64..20_000], any::<bool>()), 1..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whenever a repeat is granted, those of the window that ends there are paid for by its calls and its seconds;
    /// whenever one is refused, one more would not have been, to half a second.
    #[test]
    fn repeats_are_paid_for_in_every_window(
        events in events(),
        percent in 0u32..=100,
        min_per_second in 0u64..3,
        window in 1000u64..=20_000,
    ) {
        let (budget, rates) = (Budget::new(), Rates::new(f64::from(percent) / 100.0, min_per_second, Duration::from_millis(window)));
        let (mut calls, mut repeats, mut now) = (Vec::new(), Vec::new(), 3_600_000);
        let within = |times: &[u64], now: u64, window: u64| times.iter().filter(|time| **time + window > now).count() as u64;
        let paid = |calls: u64| min_per_second * window / 1000 + calls * u64::from(percent) / 100;
        for (gap, is_call) in events {
            now += gap;
            if is_call {
                budget.deposit(at(now));
                calls.push(now);
            } else {
                let promised = budget.balance(rates, at(now));
                let granted = budget.withdraw(rates, at(now));
                prop_assert_eq!(granted, promised > 0);
                if granted {
                    repeats.push(now);
                    prop_assert!(within(&repeats, now, window) <= paid(within(&calls, now, window)));
                } else {
                    let (fewer, more) = (within(&calls, now, window.saturating_sub(500)), within(&repeats, now, window + 500));
                    prop_assert!(more + 1 > paid(fewer), "{} repeats, {} calls", more, fewer);
                }
            }
        }
    }

    /// Settings are applied to what happened: a change and back leaves what was earned, and an order of threads'
    /// clocks does not matter.
    #[test]
    fn a_change_of_the_settings_forgets_nothing(calls in vec(0u64..9_000, 0..200), others in vec((0.0f64..1.0, 0u64..50, 1000u64..60_000), 0..5)) {
        let (budget, rates) = (Budget::new(), Rates::new(0.5, 1, Duration::from_secs(10)));
        let now = at(3_609_000);
        for call in &calls {
            budget.deposit(at(3_600_000 + call));
        }
        let earned = budget.balance(rates, now);
        prop_assert_eq!(earned, 10 + calls.len() as u64 / 2);
        for (ratio, min, window) in others {
            let _ = budget.balance(Rates::new(ratio, min, Duration::from_millis(window)), now);
            prop_assert_eq!(budget.balance(rates, now), earned);
        }
    }

    /// A pause is drawn from nothing to a bound that doubles up to the longest.
    #[test]
    fn pauses_double_and_stay_within_bounds(initial in 1u64..60_000, max in 1u64..600_000, repeat in 1u32..200, chance in -1.0f64..2.0) {
        let backoff = Backoff { initial: Duration::from_millis(initial.min(max)), max: Duration::from_millis(max) };
        let bound = backoff.bound(repeat);
        let doubled = initial.min(max).saturating_mul(1_u64.checked_shl(repeat - 1).unwrap_or(u64::MAX).max(1));
        prop_assert!(bound <= backoff.max && (bound == backoff.max || bound == Duration::from_millis(doubled)));
        prop_assert!(backoff.pause(repeat, chance) <= bound);
        prop_assert_eq!(backoff.pause(repeat, 1.0), bound);
        prop_assert_eq!(backoff.pause(repeat, 0.0), Duration::ZERO);
    }

    /// Whatever a service writes there, it is read without harm.
    #[test]
    fn a_wish_for_a_pause_is_read_or_left_aside(value in "[0-9]{0,30}|\\PC{0,40}", is_grpc: bool) {
        let name = HeaderName::from_static(if is_grpc { "grpc-retry-pushback-ms" } else { "retry-after" });
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            let _ = asked(&HeaderMap::from_iter([(name, value)]), SystemTime::now());
        }
    }
}

/// Threads that all ask at once are granted exactly what there is.
#[test]
fn threads_together_are_granted_what_there_is_and_no_more() {
    let rates = Rates::new(0.2, 10, Duration::from_secs(10));
    for round in 0..20 {
        let budget = Budget::new();
        (0..500).for_each(|_| budget.deposit(at(3_600_000)));
        let granted: usize = std::thread::scope(|scope| {
            let ask = |thread: u64| {
                let budget = &budget;
                // Their clocks differ, so that ticks begin while others are at work.
                move || {
                    (0..200).filter(|n| budget.withdraw(rates, at(3_600_000 + round * 13 + (n + thread) * 5))).count()
                }
            };
            let threads: Vec<_> = (0..4).map(|thread| scope.spawn(ask(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(granted, 200);
    }
}

#[test]
fn what_a_service_asks_for_is_understood() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let read = |name: &'static str, value: &'static str| {
        asked(&HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]), now)
    };
    let after = |millis| Some(Pushback::After(Duration::from_millis(millis)));
    assert_eq!(read("retry-after", "3"), after(3000));
    assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"), after(10_000));
    assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"), after(0), "already over");
    assert_eq!(read("retry-after", "99999999999999999999"), Some(Pushback::After(Duration::from_secs(u64::MAX))));
    for none in ["", "-1", "1.5", "soon"] {
        assert_eq!(read("retry-after", none), None, "{none}");
    }
    assert_eq!(read("grpc-retry-pushback-ms", "250"), after(250));
    assert_eq!(read("grpc-retry-pushback-ms", "-1"), Some(Pushback::Never));
}
