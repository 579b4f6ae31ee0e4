//! Rates under any requests, edits and times, judged by the oracle that fuzzing has too.

#[path = "oracle/rate.rs"]
mod oracle;

use ops_config::section::Mode;
use oracle::{Event, Key, Settings};
use proptest::{collection::vec, prelude::*};

fn settings() -> impl Strategy<Value = Settings> {
    let key = prop_oneof![Just(Key::All), Just(Key::Client), Just(Key::Route), Just(Key::Header)];
    let mode = prop_oneof![6 => Just(Mode::Enforce), 1 => Just(Mode::Observe), 1 => Just(Mode::Off)];
    let rate = prop_oneof![4 => 1_u64..40, 1 => 1_u64..=1_000_000];
    (rate, 0_u8..=4, 1_u64..8, 1_u64..6, key, mode).prop_map(|(rate, doubled, burst, max_keys, key, mode)| Settings {
        rate,
        doubled,
        burst,
        max_keys,
        key,
        mode,
    })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (0_u8..8).prop_map(Event::Come),
        4 => (0_u64..200).prop_map(Event::Pass),
        1 => (0_u64..100_000_000).prop_map(Event::Pass),
        1 => settings().prop_map(Event::Edit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Feature: production-excellence, Property 22: through any edits what was spent stays spent, for as long
    /// as it takes to come back, and is neither forgotten for other keys nor charged to them.
    #[test]
    fn a_rate_lets_through_what_its_model_does(first in settings(), events in vec(event(), 1..200)) {
        oracle::check(first, &events);
    }
}
