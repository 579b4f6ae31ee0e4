//! Sequences of saves against a written model of a disk and its events.

use super::{
    world::{judge, ms, Fate, Save, LONG},
    Pace,
};
use proptest::{collection::vec, prelude::*};

/// Contents of which every beginning that keeps the first word checks out: if half a save were
/// judged, it would be taken.
fn content() -> impl Strategy<Value = String> {
    ("(ok|ok|ok|bad)", 0..6u8, 0..5usize)
        .prop_map(|(head, n, lines)| format!("{head} {n}\n{}end\n", format!("line {n}\n").repeat(lines)))
}

fn save() -> impl Strategy<Value = Save> {
    prop_oneof![
        3 => content().prop_map(Save::Rename),
        4 => (content(), vec((any::<u8>(), 0..9900u16), 0..4)).prop_map(|(content, parts)| Save::InPlace(content, parts)),
        1 => Just(Save::Remove),
        1 => Just(Save::Truncate),
        1 => Just(Save::Touch),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    (0..3u8, any::<bool>()).prop_map(|(events, straddled)| Fate { events, straddled })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Feature: production-excellence, Property 21: after any sequence of saves the value in force
    /// is the last good one, every good one that stood was applied, and the watcher is alive.
    #[test]
    fn what_is_in_force_is_the_last_good_save(
        saves in vec((save(), fate(), prop_oneof![0..60u64, Just(LONG)]), 1..12),
        settle in 2..400u64,
        poll in 100..5000u64,
    ) {
        judge(Pace { settle: ms(settle), poll: ms(poll) }, &saves);
    }
}
