use super::{At, Heard, Pace, Settle, Step};
use crate::watch::{Sight, View};
use std::path::Path;
use world::{file, ms, sight, view};

mod open;
mod saves;
mod storms;
mod world;

const PACE: Pace = Pace { settle: ms(50), poll: ms(5000) };
const LIVE: &str = "version = 1\nlimits = 7\n";

fn shows(content: &str) -> View {
    view(sight(content))
}

/// A look in which nothing happens.
fn look(settle: &mut Settle, view: View, now: At) -> Step {
    settle.looking(now);
    settle.looked(view, now, PACE)
}

/// A machine that has had its first look.
fn settled() -> Settle {
    let mut settle = Settle::new(shows(LIVE), ms(0));
    assert_eq!(look(&mut settle, shows(LIVE), ms(0)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(5000));
    settle
}

#[test]
fn a_rename_is_tried_at_once() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Whole, ms(100));
    assert_eq!(settle.due(PACE), ms(100));
    assert_eq!(look(&mut settle, shows("new"), ms(100)), Step::Try);
}

#[test]
fn a_rename_that_does_not_check_out_is_judged_after_settle() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Whole, ms(100));
    assert_eq!(look(&mut settle, shows("bad"), ms(100)), Step::Try);
    settle.not_yet(PACE);
    assert_eq!(settle.due(PACE), ms(150));
    assert_eq!(look(&mut settle, shows("bad"), ms(150)), Step::Judge);
}

#[test]
fn a_change_without_an_event_is_judged_after_settle() {
    let mut settle = settled();
    assert_eq!(look(&mut settle, shows("new"), ms(5000)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(5050));
    assert_eq!(look(&mut settle, shows("new"), ms(5050)), Step::Judge);
}

#[test]
fn a_change_under_way_starts_the_wait_anew() {
    let mut settle = settled();
    look(&mut settle, shows("new"), ms(5000));
    assert_eq!(look(&mut settle, shows("newer"), ms(5050)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(5100));
}

#[test]
fn an_open_writer_has_ten_seconds_from_its_last_word() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Writing, ms(100));
    assert_eq!(look(&mut settle, shows("half"), ms(100)), Step::Wait);
    assert_eq!(look(&mut settle, shows("half"), ms(9000)), Step::Wait);
    settle.heard(Some(file()), Heard::Writing, ms(9100));
    assert_eq!(look(&mut settle, shows("half"), ms(10_100)), Step::Wait);
    assert_eq!(look(&mut settle, shows("half"), ms(15_100)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(19_100));
    assert_eq!(look(&mut settle, shows("half"), ms(19_100)), Step::Judge);
}

#[test]
fn a_close_ends_the_wait_for_a_writer() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Writing, ms(100));
    look(&mut settle, shows("whole"), ms(110));
    settle.heard(Some(file()), Heard::Whole, ms(120));
    assert_eq!(look(&mut settle, shows("whole"), ms(120)), Step::Try);
}

#[test]
fn the_beginning_of_what_is_in_force_has_two_seconds_however_it_came() {
    for part in [&LIVE[..12], ""] {
        let mut settle = settled();
        settle.heard(Some(file()), Heard::Whole, ms(100));
        assert_eq!(look(&mut settle, shows(part), ms(100)), Step::Wait);
        assert_eq!(look(&mut settle, shows(part), ms(2099)), Step::Wait, "{part:?}");
        assert_eq!(look(&mut settle, shows(part), ms(2100)), Step::Judge, "{part:?}");
    }
}

#[test]
fn a_file_that_is_gone_has_two_seconds_to_come_back() {
    let mut settle = settled();
    settle.heard(None, Heard::Unclear, ms(100));
    assert_eq!(look(&mut settle, view(Sight::Missing), ms(100)), Step::Wait);
    assert_eq!(look(&mut settle, shows(LIVE), ms(200)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(5200), "nothing has happened");
}

#[test]
fn the_same_content_is_nothing() {
    let mut settle = settled();
    for heard in [Heard::Whole, Heard::Writing, Heard::Unclear] {
        settle.heard(Some(file()), heard, ms(100));
        assert_eq!(look(&mut settle, shows(LIVE), ms(200)), Step::Wait);
        assert_eq!(settle.due(PACE), ms(5200));
    }
}

#[test]
fn what_was_rejected_is_not_judged_again_until_asked() {
    let mut settle = settled();
    settle.concluded(shows("bad"), false);
    assert_eq!(look(&mut settle, shows("bad"), ms(5000)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(10_000));
    settle.asked(ms(6000));
    assert_eq!(settle.due(PACE), ms(6000));
    assert_eq!(look(&mut settle, shows("bad"), ms(6000)), Step::Judge);
}

#[test]
fn a_return_to_what_is_in_force_is_judged_at_once() {
    let mut settle = settled();
    settle.concluded(shows("bad"), false);
    assert_eq!(look(&mut settle, shows(LIVE), ms(5000)), Step::Judge);
}

#[test]
fn who_asks_for_what_cannot_be_taken_is_answered_at_once() {
    for sight in [sight(""), Sight::Missing, Sight::Unreadable(std::io::ErrorKind::PermissionDenied)] {
        let mut settle = settled();
        settle.asked(ms(100));
        assert_eq!(look(&mut settle, view(sight), ms(100)), Step::Judge);
    }
}

#[test]
fn who_asks_does_not_get_half_a_save_and_does_not_wait_for_ever() {
    let mut settle = settled();
    settle.asked(ms(0));
    let mut last = Step::Wait;
    for turn in 0..=100 {
        let now = ms(turn * 100);
        settle.heard(Some(file()), Heard::Writing, now);
        last = look(&mut settle, shows(&format!("half {turn}")), now);
        assert_eq!(last == Step::Busy, turn == 100, "{last:?} at {now:?}");
    }
    assert_eq!(last, Step::Busy);
    settle.heard(Some(file()), Heard::Whole, ms(10_100));
    assert_eq!(look(&mut settle, shows(LIVE), ms(10_100)), Step::Judge, "a rejection does not outlive its cause");
}

#[test]
fn what_was_called_whole_says_nothing_of_what_comes_after() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Whole, ms(100));
    look(&mut settle, shows("bad"), ms(100));
    settle.not_yet(PACE);
    assert_eq!(look(&mut settle, shows("half of the next"), ms(120)), Step::Wait);
    assert_eq!(look(&mut settle, shows("half of the next"), ms(130)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(170));
}

#[test]
fn a_writer_heard_with_a_look_is_waited_for_after_the_verdict_on_another_file() {
    let both = |a: &str, b: &str| View::from([("/a".into(), sight(a)), ("/b".into(), sight(b))]);
    let mut settle = Settle::new(both("aa", "bb"), ms(0));
    settle.heard(Some(Path::new("/a")), Heard::Whole, ms(100));
    settle.heard(Some(Path::new("/b")), Heard::Writing, ms(100));
    assert_eq!(look(&mut settle, both("new", "bb"), ms(100)), Step::Try);
    settle.concluded(both("new", "bb"), true);
    look(&mut settle, both("new", "half"), ms(110));
    assert_eq!(look(&mut settle, both("new", "half"), ms(5110)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(10_110));
}

#[test]
fn what_is_written_during_a_look_is_looked_at_anew() {
    for heard in [Heard::Writing, Heard::Whole] {
        let mut settle = settled();
        settle.heard(Some(file()), Heard::Whole, ms(100));
        settle.looking(ms(100));
        settle.heard(Some(file()), heard, ms(101));
        assert_eq!(settle.looked(shows("maybe half"), ms(102), PACE), Step::Wait);
        assert!(settle.due(PACE) <= ms(111), "{heard:?}");
    }
}

#[test]
fn what_happens_during_a_look_that_finds_nothing_new_is_looked_at() {
    for (named, heard) in [(Some(file()), Heard::Whole), (Some(file()), Heard::Writing), (None, Heard::Unclear)] {
        let mut settle = settled();
        settle.looking(ms(100));
        settle.heard(named, heard, ms(101));
        assert_eq!(settle.looked(shows(LIVE), ms(102), PACE), Step::Wait);
        assert!(settle.due(PACE) <= ms(111), "{heard:?}");
    }
}

#[test]
fn a_rename_during_a_look_that_came_too_early_is_tried_by_the_next() {
    let mut settle = settled();
    settle.looking(ms(100));
    settle.heard(Some(file()), Heard::Whole, ms(101));
    assert_eq!(settle.looked(shows(LIVE), ms(102), PACE), Step::Wait);
    assert_eq!(look(&mut settle, shows("new"), ms(102)), Step::Try);
}

#[test]
fn a_writer_of_many_parts_is_looked_at_a_hundred_times_a_second_at_most() {
    let mut settle = settled();
    let mut looks = 0;
    for at in 100..1100 {
        settle.heard(Some(file()), Heard::Writing, ms(at));
        if settle.due(PACE) <= ms(at) {
            look(&mut settle, shows(&format!("half {at}")), ms(at));
            looks += 1;
        }
    }
    assert!((80..=100).contains(&looks), "{looks}");
}

#[test]
fn a_save_in_place_is_looked_at_once() {
    let mut settle = settled();
    settle.heard(Some(file()), Heard::Unclear, ms(100));
    settle.heard(Some(file()), Heard::Writing, ms(100));
    assert_eq!(settle.due(PACE), ms(110));
    settle.heard(Some(file()), Heard::Whole, ms(101));
    assert_eq!(settle.due(PACE), ms(101));
    assert_eq!(look(&mut settle, shows(LIVE), ms(101)), Step::Wait);
    assert_eq!(settle.due(PACE), ms(5101));
}

#[test]
fn two_files_are_judged_together_when_both_are_whole() {
    let both = |a: &str, b: &str| View::from([("/a".into(), sight(a)), ("/b".into(), sight(b))]);
    let mut settle = Settle::new(both("aa", "bb"), ms(0));
    settle.heard(Some(Path::new("/a")), Heard::Whole, ms(100));
    assert_eq!(look(&mut settle, both("new", "b"), ms(100)), Step::Wait, "b is half written");
    settle.heard(Some(Path::new("/b")), Heard::Whole, ms(200));
    assert_eq!(look(&mut settle, both("new", "bc"), ms(200)), Step::Try);
}
