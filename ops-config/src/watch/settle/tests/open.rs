//! A file whose writer never closes it, next to others that are saved.

use super::{
    look,
    world::{ms, sight},
    Heard, Settle, Step, View, PACE,
};
use proptest::prelude::*;
use std::path::Path;

fn both(a: &str, b: &str) -> View {
    View::from([("/a".into(), sight(a)), ("/b".into(), sight(b))])
}

/// Saves `/a` by rename at `saved`, while `/b` is written to every `pause`; when that is judged.
fn judged_at(saved: u64, pause: u64, until: u64) -> Option<u64> {
    let mut settle = Settle::new(both("old", "b"), ms(0));
    let mut content = both("old", "b");
    for at in 0..until {
        if at % pause == 0 {
            content.insert("/b".into(), sight(&format!("written at {at}")));
            settle.heard(Some(Path::new("/b")), Heard::Writing, ms(at));
        }
        if at == saved {
            content.insert("/a".into(), sight("new"));
            settle.heard(Some(Path::new("/a")), Heard::Whole, ms(at));
        }
        if settle.due(PACE) <= ms(at) && look(&mut settle, content.clone(), ms(at)) != Step::Wait {
            return Some(at);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_save_waits_a_minute_at_most_for_a_writer_of_another_file(saved in 1..20_000u64, pause in 200..9000u64) {
        let at = judged_at(saved, pause, 90_000).expect("never judged");
        prop_assert!((saved + 60_000..=saved + 60_110).contains(&at), "saved at {}, judged at {}", saved, at);
    }
}

#[test]
fn a_writer_that_no_other_file_waits_for_is_not_judged_before_it_rests() {
    assert_eq!(judged_at(u64::MAX, 9000, 200_000), None);
}

#[test]
fn a_save_does_not_take_what_is_being_written_next_to_it_without_a_pause() {
    assert_eq!(judged_at(100, 20, 90_000), None);
}

#[test]
fn each_change_of_the_files_at_rest_starts_the_minute_anew() {
    let mut settle = Settle::new(both("old", "b"), ms(0));
    settle.heard(Some(Path::new("/b")), Heard::Writing, ms(0));
    for second in 0..100 {
        let now = ms(second * 1000);
        settle.heard(Some(Path::new("/b")), Heard::Writing, now);
        let a = if second < 50 { "new" } else { "newer" };
        assert_eq!(look(&mut settle, both(a, "half"), now), Step::Wait, "{now:?}");
    }
}

#[test]
fn who_asks_for_a_save_that_waited_a_minute_still_gets_no_part_of_a_write() {
    let mut settle = Settle::new(both("old", "b"), ms(0));
    settle.heard(Some(Path::new("/b")), Heard::Writing, ms(0));
    look(&mut settle, both("new", "half"), ms(0));
    settle.heard(Some(Path::new("/b")), Heard::Writing, ms(60_000));
    settle.asked(ms(60_000));
    assert_eq!(look(&mut settle, both("new", "more"), ms(60_000)), Step::Wait);
    assert_eq!(look(&mut settle, both("new", "more"), ms(60_050)), Step::Judge);
}
