//! The machine against its model, and what must hold whatever happens.

use super::{
    at, breaker, config,
    model::{Call, Model},
    set,
};
use crate::breaker::{CircuitState, Circuits, Trial, Verdict};
use ops_config::{
    section::{CircuitBreakerConfig, FailureRate, ResetBackoff, SlowCalls},
    value::{CallWindow, Count, Factor, Period, Ratio},
};
use proptest::{collection::vec, option, prelude::*};

/// What happens to a circuit, each after so many milliseconds.
#[derive(Clone, Debug)]
enum Event {
    Admit,
    /// One of the calls under way ends.
    Succeed(usize),
    Fail(usize),
    Drop(usize),
    /// Other thresholds come in force.
    Reload(Thresholds),
}

#[derive(Clone, Debug)]
struct Thresholds {
    failures: u64,
    reset: u64,
    trials: u64,
    share: f64,
    min_calls: u64,
    slower_than: u64,
    trial: Option<u64>,
    backoff: Option<(f64, u64)>,
}

/// How long the windows are; not changed by a reload here.
type Windows = (Option<CallWindow>, Option<CallWindow>);

fn time(millis: u64) -> CallWindow {
    CallWindow::Time(Period::try_from_millis(millis).expect("a window"))
}

fn window() -> impl Strategy<Value = CallWindow> {
    let calls = |calls: u64| CallWindow::Calls(Count::try_from(calls).expect("a window"));
    prop_oneof![(100_u64..2000).prop_map(time), (1_u64..80).prop_map(calls)]
}

fn thresholds() -> impl Strategy<Value = Thresholds> {
    let share = prop_oneof![Just(0.0), Just(0.5), Just(1.0), 0.0..=1.0_f64];
    let backoff = option::of((prop_oneof![Just(1.0), Just(2.0), Just(3.0)], 10_u64..1000));
    (1_u64..6, 10_u64..400, 1_u64..4, share, 1_u64..8, 1_u64..100, option::of(10_u64..400), backoff).prop_map(
        |(failures, reset, trials, share, min_calls, slower_than, trial, backoff)| Thresholds {
            failures,
            reset,
            trials,
            share,
            min_calls,
            slower_than,
            trial,
            backoff,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Admit),
        3 => any::<usize>().prop_map(Event::Succeed),
        6 => any::<usize>().prop_map(Event::Fail),
        2 => any::<usize>().prop_map(Event::Drop),
        1 => thresholds().prop_map(Event::Reload),
    ]
}

/// Mostly moments apart, at times long enough for a reset or for a window to pass.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![5 => 0_u64..20, 2 => 0_u64..200, 1 => 0_u64..2000]
}

fn settings(thresholds: &Thresholds, windows: Windows) -> CircuitBreakerConfig {
    let share = Ratio::try_from(thresholds.share).expect("a ratio");
    let min_calls = Count::try_from(thresholds.min_calls).expect("a count");
    CircuitBreakerConfig {
        half_open_max_calls: Count::try_from(thresholds.trials).expect("a count"),
        trial_timeout: thresholds.trial.map(|trial| Period::try_from_millis(trial).expect("a timeout")),
        reset_backoff: thresholds.backoff.map(|(factor, max)| ResetBackoff {
            factor: Factor::literal(factor),
            max: Period::try_from_millis(max).expect("a time"),
            jitter: Ratio::ZERO,
        }),
        failure_rate: windows.0.map(|window| FailureRate { threshold: share, window, min_calls }),
        slow_calls: windows.1.map(|window| SlowCalls {
            slower_than: Period::try_from_millis(thresholds.slower_than).expect("a period"),
            threshold: share,
            window,
            min_calls,
        }),
        ..config(thresholds.failures, thresholds.reset)
    }
}

/// Takes one of the calls under way.
fn take(calls: &mut Vec<(Trial, Call)>, which: usize) -> Option<(Trial, Call)> {
    (!calls.is_empty()).then(|| calls.swap_remove(which % calls.len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Feature: production-excellence, Property 6: the circuit does what the model does, over any
    /// sequence of calls, ends and reloads, with and without windows.
    #[test]
    fn the_machine_does_what_the_model_does(
        first in thresholds(),
        windows in (option::of(window()), option::of(window())),
        events in vec((pause(), event()), 1..200),
    ) {
        let circuits = Circuits::new();
        let (mut config, mut model) = (settings(&first, windows), Model::closed());
        let mut plan = set(&config, &circuits);
        plan.put_in_force();
        let (mut calls, mut now) = (Vec::new(), 0);
        for (pause, event) in events {
            now += pause;
            match event {
                Event::Admit => {
                    let trial = plan.admit("/", at(now)).ok().flatten();
                    let call = model.admit(&config, at(now));
                    prop_assert_eq!(trial.is_some(), call.is_some());
                    calls.extend(trial.zip(call));
                }
                Event::Succeed(which) => if let Some((trial, call)) = take(&mut calls, which) {
                    trial.settle(Verdict::Success, || at(now));
                    model.settle(&call, false, at(now));
                }
                Event::Fail(which) => if let Some((trial, call)) = take(&mut calls, which) {
                    trial.settle(Verdict::Failure, || at(now));
                    model.settle(&call, true, at(now));
                }
                Event::Drop(which) => if let Some((trial, call)) = take(&mut calls, which) {
                    trial.abandon(at(now));
                    model.drop(&call);
                }
                Event::Reload(thresholds) => {
                    config = settings(&thresholds, windows);
                    plan = set(&config, &circuits);
                    plan.put_in_force();
                }
            }
            let circuit = plan.get("b").expect("the breaker").circuit();
            prop_assert_eq!((circuit.state(), circuit.epoch()), (model.state, model.epoch));
        }
    }

    /// Feature: production-excellence, Property 6: opens on exactly the T-th consecutive failure,
    /// and is half-open once R has elapsed, not before.
    #[test]
    fn opens_on_the_nth_failure_and_not_before(threshold in 1_u64..50, reset in 10_u64..60_000, early in 0_u64..60_000) {
        let breaker = breaker(&config(threshold, reset));
        for n in 1..=threshold {
            let trial = breaker.admit(at(5)).expect("closed admits").expect("judged");
            trial.settle(Verdict::Failure, || at(5));
            prop_assert_eq!(breaker.circuit().state() == CircuitState::Open, n == threshold);
        }
        prop_assert_eq!(breaker.admit(at(5 + early)).is_ok(), early >= reset);
    }

    /// Feature: production-excellence, Property 6: a success in between starts the count anew.
    #[test]
    fn failures_that_do_not_follow_each_other_never_open_it(threshold in 2_u64..20, runs in vec(1_u64..20, 1..20)) {
        let breaker = breaker(&config(threshold, 1000));
        for run in runs {
            for _ in 0..run.min(threshold - 1) {
                breaker.admit(at(0)).expect("closed admits").expect("judged").settle(Verdict::Failure, || at(0));
            }
            breaker.admit(at(0)).expect("closed admits").expect("judged").settle(Verdict::Success, || at(0));
        }
        prop_assert_eq!(breaker.circuit().state(), CircuitState::Closed);
    }

    /// Feature: production-excellence, Property 23: a dropped trial gives its slot back and is no verdict.
    #[test]
    fn every_dropped_trial_makes_room_for_exactly_one(trials in 1_u64..50, dropped in 0_usize..50) {
        let settings = CircuitBreakerConfig {
            half_open_max_calls: Count::try_from(trials).expect("a count"),
            ..config(1, 1000)
        };
        let breaker = breaker(&settings);
        breaker.admit(at(0)).expect("closed admits").expect("judged").settle(Verdict::Failure, || at(0));
        let admit = || breaker.admit(at(1000)).ok().flatten();
        let mut running: Vec<Trial> = std::iter::from_fn(admit).take(100).collect();
        prop_assert_eq!(running.len() as u64, trials);
        let dropped = dropped.min(running.len());
        running.drain(..dropped);
        prop_assert_eq!(breaker.circuit().state(), CircuitState::HalfOpen);
        let again: Vec<Trial> = std::iter::from_fn(admit).take(100).collect();
        prop_assert_eq!(again.len(), dropped);
    }

    /// Feature: production-excellence, Property 24: what was admitted before the circuit opened has no
    /// say in whether it closes or opens again.
    #[test]
    fn a_result_from_another_epoch_changes_nothing(late in vec(any::<bool>(), 1..20), half_open: bool) {
        let breaker = breaker(&config(1, 100));
        let before: Vec<Trial> = late.iter().map(|_| breaker.admit(at(0)).expect("admits").expect("judged")).collect();
        breaker.admit(at(0)).expect("closed admits").expect("judged").settle(Verdict::Failure, || at(0));
        let trial = half_open.then(|| breaker.admit(at(100)));
        let (state, epoch) = (breaker.circuit().state(), breaker.circuit().epoch());
        for (call, well) in before.into_iter().zip(late) {
            call.settle(if well { Verdict::Success } else { Verdict::Failure }, || at(101));
            prop_assert_eq!((breaker.circuit().state(), breaker.circuit().epoch()), (state, epoch));
        }
        prop_assert_eq!(breaker.admit(at(101)).is_err(), half_open);
        drop(trial);
    }

    /// Feature: production-excellence, Property 24: however many calls were refused, the window after
    /// the recovery is as empty as if none had been.
    #[test]
    fn refusals_feed_no_window(refused in 0_u64..200, min_calls in 2_u64..20) {
        let thresholds =
            Thresholds { failures: 10_000, reset: 100, trials: 1, share: 0.5, min_calls, slower_than: 1000, trial: None, backoff: None };
        let breaker = breaker(&settings(&thresholds, (Some(time(60_000)), None)));
        let end = |verdict, now| breaker.admit(at(now)).expect("admits").expect("judged").settle(verdict, || at(now));
        (0..min_calls).for_each(|_| end(Verdict::Failure, 0));
        prop_assert_eq!(breaker.circuit().state(), CircuitState::Open);
        prop_assert!((0..refused).all(|n| breaker.admit(at(n % 100)).is_err()));
        end(Verdict::Success, 100);
        for n in 1..=min_calls {
            prop_assert_eq!(breaker.circuit().state(), CircuitState::Closed);
            end(Verdict::Failure, 100);
            prop_assert_eq!(breaker.circuit().state() == CircuitState::Open, n == min_calls);
        }
    }
}

#[test]
fn three_of_thirty_is_exactly_a_tenth() {
    let thresholds = Thresholds {
        failures: 10_000,
        reset: 100,
        trials: 1,
        share: 0.1,
        min_calls: 30,
        slower_than: 1000,
        trial: None,
        backoff: None,
    };
    let breaker = breaker(&settings(&thresholds, (Some(time(60_000)), None)));
    for n in 0..30 {
        let verdict = if n < 3 { Verdict::Failure } else { Verdict::Success };
        assert_eq!(breaker.circuit().state(), CircuitState::Closed);
        breaker.admit(at(0)).expect("admits").expect("judged").settle(verdict, || at(0));
    }
    assert_eq!(breaker.circuit().state(), CircuitState::Open);
}

#[test]
fn a_failure_is_forgotten_once_the_window_has_passed() {
    let thresholds = Thresholds {
        failures: 10_000,
        reset: 100,
        trials: 1,
        share: 0.5,
        min_calls: 2,
        slower_than: 1000,
        trial: None,
        backoff: None,
    };
    for (later, expected) in [(1500, CircuitState::Open), (1600, CircuitState::Closed)] {
        // Sixteen buckets of a tenth of a second.
        let breaker = breaker(&settings(&thresholds, (Some(time(1600)), None)));
        breaker.admit(at(0)).expect("admits").expect("judged").settle(Verdict::Failure, || at(0));
        for _ in 0..2 {
            if let Ok(Some(trial)) = breaker.admit(at(later)) {
                trial.settle(Verdict::Success, || at(later));
            }
        }
        assert_eq!(breaker.circuit().state(), expected);
    }
}

#[test]
fn trials_that_never_end_do_not_keep_it_half_open() {
    let breaker = breaker(&config(1, 100));
    breaker.admit(at(0)).expect("admits").expect("judged").settle(Verdict::Failure, || at(0));
    let stuck = breaker.admit(at(100)).expect("a trial").expect("judged");
    assert!(breaker.admit(at(199)).is_err(), "one at once");
    let next = breaker.admit(at(200)).expect("the slot is reclaimed").expect("judged");
    assert!(breaker.admit(at(200)).is_err(), "one at once");
    stuck.settle(Verdict::Failure, || at(201));
    assert_eq!(breaker.circuit().state(), CircuitState::HalfOpen, "the stuck call has no say any more");
    next.settle(Verdict::Success, || at(202));
    assert_eq!(breaker.circuit().state(), CircuitState::Closed);
}
