use super::oracle::{check, Act};
use proptest::{collection::vec, prelude::*};

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..5u8, 0..3u8, any::<bool>()).prop_map(|(document, secret, is_proven)| Act::Save { document, secret, is_proven }),
        1 => (0..3u8).prop_map(|secret| Act::Rotate { secret }),
        1 => Just(Act::Comment),
        2 => Just(Act::Pass),
        2 => Just(Act::Break),
        2 => Just(Act::Undo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Feature: production-excellence, Property 21: after any sequence of saves, rollbacks and broken
    /// probations, what is in force is what a naive model says, and so is the way back.
    #[test]
    fn the_way_back_is_that_of_the_model(acts in vec(act(), 0..60)) {
        check(&acts);
    }
}
