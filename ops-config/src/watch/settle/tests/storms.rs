//! Saves that follow each other so closely that not each can be a reload.

use super::{
    look, settled, shows,
    world::{file, ms, Fate, Save, World, LONG},
    Heard, Pace, Settle, Step, PACE,
};
use proptest::{collection::vec, prelude::*};

/// Saves by rename at these moments, each found by its own look; what was said to each.
fn steps(moments: &[u64]) -> Vec<Step> {
    let mut settle = settled();
    let mut steps = Vec::new();
    for at in moments {
        settle.heard(Some(file()), Heard::Whole, ms(*at));
        let view = shows(&format!("saved at {at}"));
        let step = look(&mut settle, view.clone(), ms(*at));
        if step == Step::Try {
            settle.concluded(view, true);
        }
        steps.push(step);
    }
    steps
}

#[test]
fn the_first_three_saves_of_a_burst_are_tried_at_once() {
    assert_eq!(steps(&[100, 101, 102, 103, 104]), [Step::Try, Step::Try, Step::Try, Step::Wait, Step::Wait]);
}

#[test]
fn saves_a_moment_apart_are_no_storm() {
    let moments: Vec<u64> = (1..20).map(|n| n * 100).collect();
    assert!(steps(&moments).iter().all(|step| *step == Step::Try));
}

#[test]
fn a_storm_ends_with_a_pause() {
    assert_eq!(steps(&[100, 101, 102, 103, 203]).last(), Some(&Step::Try));
}

#[test]
fn a_storm_without_end_is_looked_into_twice_a_second() {
    let moments: Vec<u64> = (0..2000).map(|n| 100 + n).collect();
    let tried = steps(&moments).into_iter().filter(|step| *step == Step::Try).count();
    assert_eq!(tried, 3 + 3, "at once, and half a second after each verdict");
}

/// A machine after ten saves in ten milliseconds.
fn stormed() -> Settle {
    let mut settle = settled();
    for at in 100..110 {
        settle.heard(Some(file()), Heard::Whole, ms(at));
        let view = shows(&format!("saved at {at}"));
        if look(&mut settle, view.clone(), ms(at)) == Step::Try {
            settle.concluded(view, true);
        }
    }
    settle
}

#[test]
fn the_last_save_of_a_storm_is_tried_when_it_has_settled() {
    let mut settle = stormed();
    assert_eq!(settle.due(PACE), ms(159));
    assert_eq!(look(&mut settle, shows("saved at 109"), ms(159)), Step::Try);
}

#[test]
fn half_a_save_that_nobody_heard_of_is_not_taken_for_the_rename_before_it() {
    let mut world = World::new(Pace { settle: ms(512), poll: ms(4800) });
    for n in 0..4 {
        world.save(&Save::Rename(format!("ok {n}\nend\n")), Fate { events: 1, straddled: false });
        world.pass(3);
    }
    // The last one's look is still to come: the world says so where it finds half of this and takes it.
    let unheard = Save::InPlace("ok last\nline\nline\n".into(), vec![(15, 9900)]);
    world.save(&unheard, Fate { events: 0, straddled: false });
    world.pass(LONG);
    assert!(world.in_force.starts_with("ok last"), "{}", world.in_force);
}

#[test]
fn a_storm_is_looked_at_a_hundred_times_a_second_at_most() {
    let mut settle = stormed();
    settle.heard(Some(file()), Heard::Whole, ms(110));
    assert_eq!(settle.due(PACE), ms(119));
}

#[test]
fn a_storm_that_disturbs_every_look_leaves_a_pause_between_two() {
    let mut settle = settled();
    let mut looks = 0;
    for at in 100..3100 {
        settle.heard(Some(file()), Heard::Whole, ms(at));
        if settle.due(PACE) <= ms(at) {
            looks += 1;
            let view = shows(&format!("saved at {at}"));
            settle.looking(ms(at));
            // The first ones are let through: they make it a storm.
            if looks > 3 {
                settle.heard(Some(file()), Heard::Whole, ms(at));
            }
            if settle.looked(view.clone(), ms(at), PACE) == Step::Try {
                settle.concluded(view, true);
            }
            assert!(looks <= 3 || settle.due(PACE) >= ms(at + 10), "at {at}");
        }
    }
    assert!((200..=303).contains(&looks), "{looks}");
}

#[test]
fn who_asks_in_a_storm_is_answered_at_once() {
    let mut settle = settled();
    for at in 100..110 {
        settle.heard(Some(file()), Heard::Whole, ms(at));
        settle.asked(ms(at));
        let view = shows(&format!("saved at {at}"));
        assert_eq!(look(&mut settle, view.clone(), ms(at)), Step::Judge);
        settle.concluded(view, true);
    }
}

/// Every content differs, so that each could be a reload.
fn storm() -> impl Strategy<Value = Vec<(bool, bool, u64)>> {
    vec((any::<bool>(), prop::bool::weighted(0.8), 0..40u64), 1..300)
}

proptest! {
    #[test]
    fn a_storm_is_looked_into_twice_a_second_whatever_its_rhythm(every in 1..100u64, offset in 0..20u64) {
        let mut world = World::new(Pace { settle: ms(400), poll: ms(5000) });
        let mut save = |n: u64, pause: u64| {
            world.save(&Save::Rename(format!("ok {n}\nend\n")), Fate { events: 1, straddled: false });
            world.pass(pause);
            world.examined
        };
        for n in 0..4 {
            save(n, 1);
        }
        let before = save(4, offset);
        let saves = 5000 / every;
        let after = (0..saves).map(|n| save(5 + n, every)).max().unwrap_or_default();
        // Half a second, then the next save or the one after it.
        prop_assert!(after - before >= 5000 / (500 + 2 * every) - 1, "{} of {}", after - before, saves);
    }

    /// Feature: production-excellence, Property 21: a storm of saves, good and bad, by rename and
    /// in place, is few reloads, and its last content is in force.
    #[test]
    fn a_storm_is_few_reloads_and_ends_with_the_last_in_force(
        saves in storm(), settle in 50..400u64, straddled: bool,
    ) {
        let mut world = World::new(Pace { settle: ms(settle), poll: ms(5000) });
        let fate = Fate { events: 1, straddled };
        for (n, (by_rename, good, pause)) in saves.iter().enumerate() {
            let content = format!("{} {n}\nend\n", if *good { "ok" } else { "bad" });
            let save = if *by_rename { Save::Rename(content) } else { Save::InPlace(content, vec![(5, 1)]) };
            world.save(&save, fate);
            world.pass(*pause);
        }
        let lasted = u64::try_from(world.now.as_millis()).unwrap();
        // Three at once, each of them maybe bad and judged for good later.
        prop_assert!(world.examined <= 6 + lasted / 500, "{} in {lasted} ms", world.examined);
        world.save(&Save::Rename("ok last\n".into()), fate);
        world.pass(1000);
        prop_assert_eq!(&world.in_force, "ok last\n");
        prop_assert!(world.examined <= 8 + lasted / 500, "{} in {lasted} ms", world.examined);
    }
}
