//! What a reload does to breakers.

use super::{at, config, set};
use crate::breaker::{BreakerSet, CircuitState, Circuits, Verdict};
use ops_config::{
    section::{CircuitBreakerConfig, FailureRate, Mode},
    value::{CallWindow, Count, List, Name, Period, Ratio},
};
use proptest::{collection::vec, prelude::*};
use std::{collections::BTreeMap, sync::Arc};

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn fail(set: &BreakerSet, now: u64) {
    let breaker = set.get("b").expect("the breaker");
    breaker.admit(at(now)).expect("admits").expect("judged").settle(Verdict::Failure, || at(now));
}

fn state(set: &BreakerSet) -> CircuitState {
    set.get("b").expect("the breaker").circuit().state()
}

fn with_window(window: u64, min_calls: u64) -> CircuitBreakerConfig {
    let failure_rate = Some(FailureRate {
        threshold: Ratio::literal(0.5),
        window: CallWindow::Time(Period::try_from_millis(window).expect("a window")),
        min_calls: Count::try_from(min_calls).expect("a count"),
    });
    CircuitBreakerConfig { failure_rate, ..config(10_000, 1000) }
}

proptest! {
    /// Feature: production-excellence, Property 22: reloads that leave a breaker's settings as they are,
    /// whatever they do to others, leave its circuit, epoch, failures and window as they are.
    #[test]
    fn a_reload_without_a_difference_disturbs_nothing(
        failures in 1_u64..10,
        others in vec(("[a-z]{2,6}", 1_u64..20), 0..6),
        rejected: bool,
    ) {
        let circuits = Circuits::new();
        let mine = with_window(60_000, failures + 1);
        let before = set(&mine, &circuits);
        before.put_in_force();
        let circuit = Arc::clone(before.get("b").expect("the breaker").circuit());
        (0..failures).for_each(|_| fail(&before, 0));
        for (other, threshold) in others {
            let configs = BTreeMap::from([(name("b"), mine.clone()), (name(&other), config(threshold, 1000))]);
            let after = BreakerSet::build(&configs, &circuits, None);
            if !rejected {
                after.put_in_force();
            }
            let kept = after.get("b").expect("the breaker").circuit();
            prop_assert!(Arc::ptr_eq(&circuit, kept) && kept.epoch() == 0);
        }
        let after = set(&mine, &circuits);
        after.put_in_force();
        prop_assert_eq!(state(&after), CircuitState::Closed);
        // The window still holds what it held: one more call is enough.
        fail(&after, 0);
        prop_assert_eq!(state(&after), CircuitState::Open);
    }
}

#[test]
fn an_open_circuit_is_measured_against_the_new_reset_timeout() {
    let circuits = Circuits::new();
    let before = set(&config(1, 60_000), &circuits);
    before.put_in_force();
    fail(&before, 0);
    let after = set(&config(1, 100), &circuits);
    assert!(after.admit("/", at(99)).is_err());
    assert!(after.admit("/", at(100)).is_ok());
}

#[test]
fn a_lower_threshold_applies_to_the_next_failure() {
    let circuits = Circuits::new();
    let before = set(&config(10, 1000), &circuits);
    before.put_in_force();
    (0..7).for_each(|_| fail(&before, 0));
    let after = set(&config(5, 1000), &circuits);
    after.put_in_force();
    assert_eq!(state(&after), CircuitState::Closed);
    fail(&after, 0);
    assert_eq!(state(&after), CircuitState::Open);
}

#[test]
fn another_length_of_window_keeps_what_it_can() {
    for (other, expected) in
        [(120_000, CircuitState::Open), (30_000, CircuitState::Open), (1_000, CircuitState::Closed)]
    {
        let circuits = Circuits::new();
        let before = set(&with_window(60_000, 10), &circuits);
        before.put_in_force_at(at(0));
        (0..5).for_each(|_| fail(&before, 100));
        let after = set(&with_window(other, 6), &circuits);
        after.put_in_force_at(at(5_000));
        // Also a call that began with the window before is counted in the one after it.
        fail(&before, 5_000);
        assert_eq!(state(&after), CircuitState::Closed);
        fail(&after, 5_000);
        assert_eq!(state(&after), expected, "{other}");
    }
}

#[test]
fn another_count_of_calls_keeps_the_last_ones() {
    let counted = |calls, min_calls| {
        let mut config = with_window(60_000, min_calls);
        if let Some(rate) = &mut config.failure_rate {
            rate.window = CallWindow::Calls(Count::try_from(calls).expect("a count"));
        }
        config
    };
    for calls in [4, 7, 100] {
        let circuits = Circuits::new();
        let before = set(&counted(10, 1000), &circuits);
        before.put_in_force();
        let succeed = |set: &BreakerSet| {
            let trial = set.admit("/", at(0)).expect("admits").expect("judged");
            trial.settle(Verdict::Success, || at(0));
        };
        (0..3).for_each(|_| fail(&before, 0));
        (0..4).for_each(|_| succeed(&before));
        set(&counted(calls, 1000), &circuits).put_in_force();
        let counts = circuits.snapshot("b").expect("the breaker").failed.expect("judged");
        assert_eq!((counts.calls, counts.bad), (calls.min(7), calls.min(7) - 4), "{calls}");
    }
}

#[test]
fn a_name_that_comes_back_starts_closed_and_one_still_in_use_does_not() {
    let circuits = Circuits::new();
    let nothing = || BreakerSet::build(&BTreeMap::new(), &circuits, None);
    let first = set(&config(1, 1000), &circuits);
    first.put_in_force();
    fail(&first, 0);
    nothing().put_in_force();
    assert_eq!(state(&set(&config(1, 1000), &circuits)), CircuitState::Open, "a generation still has it");
    drop(first);
    nothing().put_in_force();
    assert_eq!(state(&set(&config(1, 1000), &circuits)), CircuitState::Closed);
}

#[test]
fn the_most_specific_pattern_judges() {
    let circuits = Circuits::new();
    let routed = |patterns: [&str; 2]| CircuitBreakerConfig {
        routes: List::literal(patterns.map(|pattern| pattern.parse().expect("a pattern"))),
        ..config(1, 1000)
    };
    let configs = BTreeMap::from([
        (name("all"), routed(["/**", "/health"])),
        (name("pay"), routed(["/pay/**", "/items/*/pay"])),
        (name("off"), CircuitBreakerConfig { mode: Mode::Off, ..routed(["/off", "/pay/off"]) }),
    ]);
    let set = BreakerSet::build(&configs, &circuits, None);
    let judge = |path| set.for_path(path).map(|breaker| breaker.circuit().name().to_string());
    assert_eq!(judge("/pay/1").as_deref(), Some("pay"));
    assert_eq!(judge("/items/7/pay").as_deref(), Some("pay"));
    assert_eq!(judge("/items/7").as_deref(), Some("all"));
    assert_eq!(judge("/pay/off").as_deref(), Some("off"));
    assert!(set.admit("/pay/off", at(0)).expect("off refuses nothing").is_none());
}

/// The configuration keeps it, to be shown; it is what the others left out, and judges nothing.
#[test]
fn what_breakers_take_from_is_no_breaker() {
    let circuits = Circuits::new();
    let configs = BTreeMap::from([(name("default"), config(1, 1000)), (name("b"), config(5, 1000))]);
    let set = BreakerSet::build(&configs, &circuits, None);
    set.put_in_force();
    assert!(set.get("default").is_none() && circuits.breaker("default").is_none());
    assert_eq!(set.for_path("/").map(|breaker| breaker.circuit().name().as_str()), Some("b"));
    assert_eq!(circuits.snapshots().len(), 1);
}
