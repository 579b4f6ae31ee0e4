//! The machine against a written model: no connection, no runtime, no clock.

use super::super::{Bounds, Ledger, Verdict};
use crate::clock::Moment;
use proptest::prelude::*;
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(10);
const LIFE: Duration = Duration::from_mins(1);

fn bounds(min: u32, max: u32) -> Bounds {
    Bounds { min: min.min(max), max, idle_timeout: IDLE, max_lifetime: LIFE, is_ephemeral: false }
}

#[derive(Clone, Debug)]
enum Step {
    Open,
    Opened(bool),
    Lend,
    GiveBack { at: usize, is_sound: bool },
    Ask,
    Answered(bool),
    Lost(bool),
    Closed,
    Resize(u32, u32),
    Rotate,
    Reserve,
    Adopt,
    Unreserve,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Open),
        4 => any::<bool>().prop_map(Step::Opened),
        4 => Just(Step::Lend),
        4 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(at, is_sound)| Step::GiveBack { at: at.index(64), is_sound }),
        3 => Just(Step::Ask),
        3 => any::<bool>().prop_map(Step::Answered),
        1 => any::<bool>().prop_map(Step::Lost),
        3 => Just(Step::Closed),
        2 => (0..6_u32, 1..8_u32).prop_map(|(min, max)| Step::Resize(min, max)),
        1 => Just(Step::Rotate),
        1 => Just(Step::Reserve),
        1 => Just(Step::Adopt),
        1 => Just(Step::Unreserve),
        2 => (0..30_u64).prop_map(Step::Wait),
    ]
}

/// What the world has, as the machine should have it. Each connection: when it was opened, at which address.
#[derive(Debug, Default)]
struct World {
    opening: Vec<u64>,
    idle: Vec<(Moment, u64, Moment)>,
    lent: Vec<(Moment, u64)>,
    asked: Vec<(Moment, u64, Moment)>,
    reserved: usize,
    closing: usize,
}

impl World {
    fn total(&self) -> usize {
        self.opening.len() + self.idle.len() + self.lent.len() + self.asked.len() + self.reserved + self.closing
    }

    fn place(&mut self, verdict: Verdict, born: Moment, epoch: u64, now: Moment) {
        match verdict {
            Verdict::Keep => self.idle.push((born, epoch, now)),
            Verdict::Retire => self.closing += 1,
        }
    }

    /// What the shell does after every step: retire what is too much, reap what has had its time.
    fn tidy(&mut self, ledger: &mut Ledger, now: Moment) {
        for _ in 0..ledger.surplus() {
            self.idle.remove(0);
            ledger.retire();
            self.closing += 1;
        }
        let mut at = 0;
        while let Some((born, _, since)) = self.idle.get(at).copied() {
            if ledger.can_reap(born, since, now) {
                self.idle.remove(at);
                ledger.retire();
                self.closing += 1;
            } else {
                at += 1;
            }
        }
    }
}

fn run(world: &mut World, ledger: &mut Ledger, step: &Step, now: &mut Moment) {
    match *step {
        Step::Open if ledger.openings(1, 0, *now) > 0 => {
            ledger.open();
            world.opening.push(ledger.epoch());
        }
        Step::Opened(true) if !world.opening.is_empty() => {
            let epoch = world.opening.remove(0);
            world.place(ledger.opened(epoch), *now, epoch, *now);
        }
        Step::Opened(false) if !world.opening.is_empty() => ledger.open_failed(world.opening.remove(0), *now),
        Step::Lend if ledger.can_lend() => {
            let (born, epoch, _) = world.idle.pop().expect("the machine says so");
            ledger.lend();
            world.lent.push((born, epoch));
        }
        Step::GiveBack { at, is_sound } if !world.lent.is_empty() => {
            let (born, epoch) = world.lent.remove(at % world.lent.len());
            world.place(ledger.give_back(epoch, born, is_sound, *now), born, epoch, *now);
        }
        Step::Ask if !world.idle.is_empty() => {
            world.asked.push(world.idle.remove(0));
            ledger.ask();
        }
        Step::Answered(is_sound) if !world.asked.is_empty() => {
            let (born, epoch, since) = world.asked.remove(0);
            world.place(ledger.answered(epoch, born, is_sound, *now), born, epoch, since);
        }
        Step::Lost(true) if !world.asked.is_empty() => {
            world.asked.pop();
            ledger.lost(true);
        }
        Step::Lost(false) if !world.lent.is_empty() => {
            world.lent.pop();
            ledger.lost(false);
        }
        Step::Closed if world.closing > 0 => {
            world.closing -= 1;
            ledger.closed();
        }
        Step::Resize(min, max) => ledger.configure(Some(bounds(min, max)), false),
        Step::Rotate => {
            ledger.configure(ledger.bounds(), true);
            for _ in world.idle.drain(..) {
                ledger.retire();
                world.closing += 1;
            }
        }
        Step::Reserve if ledger.reserve(ledger.bounds().expect("open").max) => world.reserved += 1,
        Step::Adopt if world.reserved > 0 => {
            world.reserved -= 1;
            ledger.adopt();
            world.idle.push((*now, ledger.epoch(), *now));
        }
        Step::Unreserve if world.reserved > 0 => {
            world.reserved -= 1;
            ledger.unreserve();
        }
        Step::Wait(seconds) => *now = now.plus(Duration::from_secs(seconds)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Feature: production-excellence, Property 5: whatever happens in whatever order, the total never rises above
    /// the maximum in force, no connection of an old address is kept, none is lent beyond the maximum, and when
    /// nothing is under way the idle ones are as many as the bounds ask for and allow.
    #[test]
    fn holds_its_bounds_through_any_sequence(first in (0..6_u32, 1..8_u32), steps in prop::collection::vec(step(), 1..120)) {
        let mut ledger = Ledger::closed_pool();
        ledger.configure(Some(bounds(first.0, first.1)), false);
        let (mut world, mut now) = (World::default(), Moment::default());
        for step in &steps {
            let (before, lent) = (world.total(), world.lent.len());
            run(&mut world, &mut ledger, step, &mut now);
            world.tidy(&mut ledger, now);

            let max = ledger.bounds().expect("open").max as usize;
            prop_assert_eq!(ledger.total() as usize, world.total());
            prop_assert_eq!(ledger.idle() as usize, world.idle.len());
            prop_assert!(world.total() <= max.max(before), "{:?} made {} of {}", step, world.total(), max);
            prop_assert!(world.lent.len() <= max.max(lent));
            prop_assert!(world.idle.iter().all(|(_, epoch, _)| *epoch == ledger.epoch()));
            prop_assert!(world.idle.is_empty() || world.idle.len() + world.lent.len() <= max);
        }

        // Let everything under way end well, and open what the machine asks for, until it is content.
        for _ in 0..200 {
            let under_way = [world.opening.len(), world.asked.len(), world.reserved, world.closing];
            let is_still = under_way == [0; 4];
            let expired = world.idle.iter().filter(|(born, _, _)| ledger.is_expired(*born, now)).count();
            let wanted = ledger.bounds().expect("open");
            let asked = (wanted.min as usize).min((wanted.max as usize).saturating_sub(world.lent.len()));
            let openings = ledger.openings(0, u32::try_from(expired).expect("few"), now);
            if is_still && expired == 0 && openings == 0 && ledger.retry_at().is_none_or(|at| at <= now) && world.idle.len() == asked {
                return Ok(());
            }
            if is_still {
                now = now.plus(Duration::from_secs(10));
            }
            for _ in 0..openings {
                ledger.open();
                world.opening.push(ledger.epoch());
            }
            for step in [Step::Opened(true), Step::Answered(true), Step::Unreserve, Step::Closed] {
                for _ in 0..16 {
                    run(&mut world, &mut ledger, &step, &mut now);
                }
            }
            world.tidy(&mut ledger, now);
        }
        prop_assert!(false, "never content: {:?} {:?}", world, ledger);
    }
}

#[test]
fn an_old_connection_goes_only_when_its_replacement_is_there() {
    let mut ledger = Ledger::closed_pool();
    ledger.configure(Some(bounds(1, 2)), false);
    let (born, late) = (Moment::default(), Moment::default().plus(LIFE));
    ledger.open();
    assert_eq!(ledger.opened(0), Verdict::Keep);
    assert!(!ledger.can_reap(born, born, late), "nothing could take its place");
    assert_eq!(ledger.openings(0, 1, late), 1, "its replacement is opened first");
    ledger.open();
    assert_eq!(ledger.opened(0), Verdict::Keep);
    assert!(ledger.can_reap(born, late, late));
}

#[test]
fn at_the_maximum_old_connections_go_one_after_the_other() {
    let mut ledger = Ledger::closed_pool();
    ledger.configure(Some(bounds(2, 2)), false);
    for _ in 0..2 {
        ledger.open();
        assert_eq!(ledger.opened(0), Verdict::Keep);
    }
    let (born, late) = (Moment::default(), Moment::default().plus(LIFE));
    assert!(ledger.can_reap(born, late, late));
    ledger.retire();
    assert!(!ledger.can_reap(born, late, late), "the first must be replaced before the second goes");
}

#[test]
fn data_in_memory_keep_their_last_connection() {
    let mut ledger = Ledger::closed_pool();
    ledger.configure(Some(Bounds { is_ephemeral: true, ..bounds(0, 3) }), false);
    let (born, late) = (Moment::default(), Moment::default().plus(LIFE));
    for _ in 0..2 {
        assert_eq!(ledger.openings(2, 0, born), 2 - ledger.idle());
        ledger.open();
        assert_eq!(ledger.opened(0), Verdict::Keep);
    }
    assert!(ledger.can_reap(born, born, late));
    ledger.retire();
    assert!(!ledger.can_reap(born, born, late));
}

#[test]
fn while_the_database_is_away_one_attempt_at_a_time_finds_out() {
    let mut ledger = Ledger::closed_pool();
    ledger.configure(Some(bounds(5, 10)), false);
    let now = Moment::default().plus(LIFE);
    assert_eq!(ledger.openings(0, 0, now), 5);
    ledger.open();
    ledger.open_failed(0, now);
    assert_eq!(ledger.openings(9, 0, now), 0, "a rest first");
    let later = ledger.retry_at().expect("it failed");
    assert_eq!(ledger.openings(9, 0, later), 1);
    ledger.open();
    assert_eq!(ledger.openings(9, 0, later), 0);
    assert_eq!(ledger.opened(0), Verdict::Keep);
    assert_eq!(ledger.openings(0, 0, later), 4);
}
