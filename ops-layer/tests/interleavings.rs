//! Every interleaving of the atomic cores, of breakers and of exemplars, tried by loom.
//!
//! They are compiled here a second time, over loom's atomics: they name theirs through `super::sync`.
//! So this runs with all other tests and needs no build flag.

#[expect(dead_code, reason = "the core is compiled whole, and the models use a part of it")]
#[path = "../src/telemetry/metric/exemplar.rs"]
mod exemplar;
#[expect(dead_code, reason = "the core is compiled whole, and the models use a part of it")]
#[path = "../src/breaker/machine.rs"]
mod machine;
#[expect(dead_code, reason = "as above")]
#[path = "../src/breaker/ring.rs"]
mod ring;
#[path = "../src/breaker/rules.rs"]
mod rules;
#[expect(dead_code, reason = "as above")]
#[path = "../src/breaker/window.rs"]
mod window;
#[expect(dead_code, unreachable_pub, reason = "as above")]
#[path = "../src/breaker/word.rs"]
mod word;

mod sync {
    pub(super) use loom::sync::atomic::{AtomicU64, Ordering};
}

use exemplar::{Seen, Sighting, Slot};
use loom::{sync::Arc, thread};
use machine::{Denied, Hold, Machine, Ticket};
use ring::Ring;
use rules::{Backoff, Rules};
use window::Window;
use word::CircuitState;

const RESET: u64 = 100;

const fn rules(failures: u64, trials: u64) -> Rules {
    Rules { failures, reset: RESET, trial: RESET, trials, backoff: None }
}

fn admit(machine: &Machine, rules: Rules, now: u64) -> Result<Ticket, Denied> {
    machine.admit(rules, || now).map(|(ticket, _)| ticket)
}

/// A circuit that opened at moment 0.
fn open(rules: Rules) -> Machine {
    let machine = Machine::closed(7);
    for _ in 0..rules.failures {
        let ticket = admit(&machine, rules, 0).expect("closed admits");
        machine.fail(ticket, rules, 0);
    }
    assert_eq!(machine.state(), CircuitState::Open);
    machine
}

/// Runs the same on two threads, each with its own argument.
fn race<A, T>(
    machine: &Arc<Machine>,
    arguments: [A; 2],
    run: impl Fn(&Machine, A) -> T + Copy + Send + 'static,
) -> [T; 2]
where
    A: Send + 'static,
    T: Send + 'static,
{
    arguments
        .map(|argument| {
            let machine = Arc::clone(machine);
            thread::spawn(move || run(&machine, argument))
        })
        .map(|thread| thread.join().expect("no panic"))
}

#[test]
fn of_two_failures_at_once_exactly_one_is_the_last_and_none_is_lost() {
    loom::model(|| {
        let rules = rules(2, 1);
        let machine = Arc::new(Machine::closed(7));
        let changes = race(&machine, [1, 2], move |machine, now| {
            let ticket = admit(machine, rules, now).expect("closed admits");
            machine.fail(ticket, rules, now)
        });
        assert_eq!(changes.iter().flatten().count(), 1);
        assert_eq!((machine.state(), machine.epoch()), (CircuitState::Open, 1));
    });
}

#[test]
fn a_success_and_a_failure_at_once_leave_one_failure_or_none() {
    loom::model(|| {
        let rules = rules(2, 1);
        let machine = Arc::new(Machine::closed(7));
        machine.fail(admit(&machine, rules, 0).expect("closed admits"), rules, 0);
        let changes = race(&machine, [true, false], move |machine, well| {
            let ticket = admit(machine, rules, 1).expect("closed admits");
            if well {
                machine.succeed(ticket)
            } else {
                machine.fail(ticket, rules, 1)
            }
        });
        // The second failure came before the success and opened it, or after it and did not.
        let opened = changes[1].is_some();
        assert_eq!(machine.state() == CircuitState::Open, opened);
    });
}

#[test]
fn whoever_sees_it_open_sees_since_when() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(Machine::closed(7));
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || {
            let ticket = admit(&other, rules, RESET * 5).expect("closed admits");
            other.fail(ticket, rules, RESET * 5);
        });
        // Closed, or refused for almost the whole time: never taken for open since moment 0.
        match machine.admit(rules, || RESET * 5 + 1) {
            Ok((_, transition)) => assert_eq!(transition, None),
            Err(denied) => assert_eq!(denied, Denied { wait: Some(RESET - 1) }),
        }
        thread.join().expect("no panic");
    });
}

#[test]
fn half_open_admits_no_more_than_allowed_at_once() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(open(rules));
        let admitted = race(&machine, [RESET, RESET + 1], move |machine, now| admit(machine, rules, now).is_ok());
        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 1);
        assert_eq!(machine.state(), CircuitState::HalfOpen);
    });
}

#[test]
fn two_trials_that_disagree_give_one_verdict() {
    loom::model(|| {
        let rules = rules(1, 2);
        let machine = Arc::new(open(rules));
        let tickets = [0, 1].map(|later| admit(&machine, rules, RESET + later).expect("a trial"));
        let epoch = machine.epoch();
        let changes = race(&machine, [(tickets[0], true), (tickets[1], false)], move |machine, (ticket, well)| {
            if well {
                machine.succeed(ticket)
            } else {
                machine.fail(ticket, rules, RESET + 2)
            }
        });
        assert_eq!(changes.iter().flatten().count(), 1);
        assert_eq!(machine.epoch(), epoch + 1);
        let expected = if changes[0].is_some() { CircuitState::Closed } else { CircuitState::Open };
        assert_eq!(machine.state(), expected);
    });
}

#[test]
fn a_slot_given_back_is_taken_once() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(open(rules));
        let trial = admit(&machine, rules, RESET).expect("a trial");
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || other.give_back(trial));
        let early = admit(&machine, rules, RESET + 1).is_ok();
        thread.join().expect("no panic");
        let late = admit(&machine, rules, RESET + 2).is_ok();
        assert!(early ^ late, "the one slot went to exactly one");
    });
}

#[test]
fn a_stuck_slot_is_reclaimed_once_and_the_stuck_call_has_no_say() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(open(rules));
        let stuck = admit(&machine, rules, RESET).expect("a trial");
        let admitted =
            race(&machine, [2 * RESET, 2 * RESET + 1], move |machine, now| admit(machine, rules, now).is_ok());
        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 1);
        assert_eq!(machine.succeed(stuck), None);
        assert_eq!(machine.state(), CircuitState::HalfOpen);
    });
}

#[test]
fn a_trial_just_taken_is_not_taken_for_stuck() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(open(rules));
        // It opened at 0 and nobody asked for long: the first trial begins at 5 × RESET.
        let admitted =
            race(&machine, [5 * RESET, 5 * RESET + 1], move |machine, now| admit(machine, rules, now).is_ok());
        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 1);
        assert_eq!(machine.epoch(), 2, "half-open once");
    });
}

#[test]
fn a_window_loses_no_count_when_a_bucket_starts_anew() {
    loom::model(|| {
        // Sixteen buckets of ten: 5 and 165 share one, and 165 starts it anew.
        let window = Arc::new(Window::new(160));
        window.record(0, 5, true);
        let threads = [true, false].map(|bad| {
            let window = Arc::clone(&window);
            thread::spawn(move || window.record(0, 165, bad))
        });
        let (calls, bad) = window.sums(0, 165);
        assert!(bad <= calls && calls <= 2);
        let _: [(); 2] = threads.map(|thread| thread.join().expect("no panic"));
        assert_eq!(window.sums(0, 165), (2, 1));
    });
}

#[test]
fn two_trials_that_fail_at_once_are_one_opening_and_it_lasts_twice_as_long() {
    loom::model(|| {
        let backoff = Some(Backoff { factor: 2.0, max: 10 * RESET, jitter: 0.0 });
        let rules = Rules { backoff, ..rules(1, 2) };
        let machine = Arc::new(open(rules));
        let tickets = [0, 1].map(|later| admit(&machine, rules, RESET + later).expect("a trial"));
        race(&machine, tickets, move |machine, ticket| machine.fail(ticket, rules, 2 * RESET));
        assert_eq!((machine.openings(), machine.remaining(rules, 2 * RESET)), (2, Some(2 * RESET)));
    });
}

#[test]
fn whoever_sees_it_held_sees_how_and_no_verdict_ends_that() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(Machine::closed(7));
        let before = admit(&machine, rules, 0).expect("closed admits");
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || other.fail(before, rules, 1));
        machine.hold(Hold::Closed, Some(RESET));
        // Held closed, whether it opened below or not; and so until the end, and not after.
        assert!(admit(&machine, rules, RESET - 4).is_ok());
        thread.join().expect("no panic");
        assert_eq!(machine.state(), CircuitState::Open);
        assert!(admit(&machine, rules, RESET - 4).is_ok());
        assert_eq!(admit(&machine, rules, RESET), Err(Denied { wait: Some(1) }));
    });
}

#[test]
fn a_call_that_comes_while_it_is_held_open_is_refused_or_came_before() {
    loom::model(|| {
        let rules = rules(1, 1);
        let machine = Arc::new(Machine::closed(7));
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || admit(&other, rules, 4));
        machine.hold(Hold::Open, Some(RESET));
        assert_eq!(admit(&machine, rules, 4), Err(Denied { wait: Some(RESET - 4) }));
        let early = thread.join().expect("no panic");
        assert!(early.is_ok() || early == Err(Denied { wait: Some(RESET - 4) }), "{early:?}");
        machine.let_go();
        assert!(admit(&machine, rules, 4).is_ok());
    });
}

#[test]
fn a_ring_counts_the_last_calls_exactly_whoever_counts() {
    loom::model(|| {
        let ring = Arc::new(Ring::new(2));
        ring.record(0, true);
        ring.record(0, true);
        let threads = [true, false].map(|bad| {
            let ring = Arc::clone(&ring);
            thread::spawn(move || ring.record(0, bad))
        });
        let _: [(u64, u64); 2] = threads.map(|thread| thread.join().expect("no panic"));
        assert_eq!(ring.sums(0), (2, 1));
        ring.record(0, false);
        ring.record(0, false);
        assert_eq!(ring.sums(0), (2, 0), "nothing was left behind");
    });
}

#[test]
fn an_exemplar_is_read_whole_or_not_at_all() {
    // Two changes of thread tear any reading that can be torn; all of them would take ten seconds.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        // All words of one are alike, so that a mixture shows.
        let seen = |n: u64| Seen {
            sighting: Sighting { trace: u128::from(n) << 64 | u128::from(n), span: n, is_recorded: true },
            nanos: n,
            at: n,
        };
        let slot = Arc::new(Slot::default());
        slot.offer(seen(1));
        let writer = Arc::clone(&slot);
        let thread = thread::spawn(move || writer.offer(seen(2)));
        let found = slot.look();
        assert!(found.is_none() || found == Some(seen(1)) || found == Some(seen(2)), "{found:?}");
        thread.join().expect("no panic");
        assert_eq!(slot.read(), Some(seen(2)));
    });
}
