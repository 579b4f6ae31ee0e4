//! Whether an idle connection is lent unasked.

use super::super::{Proof, Trust, FRESH};
use crate::clock::Moment;
use proptest::prelude::*;
use std::time::Duration;

fn at(millis: u64) -> Moment {
    Moment::default().plus(Duration::from_mins(1) + Duration::from_millis(millis))
}

proptest! {
    /// Feature: production-excellence, Property 24: nothing that was asked before another was found broken is relied
    /// on, nor what has been idle long enough for a server to go and come back; and what has just answered is, on the
    /// longest line as well, or nobody would ever get it.
    #[test]
    fn what_answered_is_lent_at_once_and_for_a_moment(
        asked in 0..400_u64, took in 0..5_000_u64, doubts in prop::collection::vec(0..6_000_u64, 0..3),
    ) {
        let proof = Proof { asked: at(asked), answered: at(asked + took) };
        let (mut trust, mut unbreakable) = (Trust::new(true), Trust::new(false));
        let mut doubts = doubts;
        doubts.sort_unstable();
        for doubt in doubts.iter().filter(|doubt| **doubt < asked) {
            trust.doubt(at(*doubt));
        }
        prop_assert!(trust.allows(proof, proof.answered), "it answered the question of one who waits");
        prop_assert!(!trust.is_to_be_asked(proof, proof.answered, 0), "it was asked a moment ago");
        prop_assert!(!trust.allows(proof, proof.answered.plus(FRESH)), "a server may have gone and come back");
        for doubt in doubts.iter().filter(|doubt| **doubt >= asked) {
            trust.doubt(at(*doubt));
            unbreakable.doubt(at(*doubt));
            prop_assert!(!trust.allows(proof, proof.answered), "it may have answered before the other broke");
            prop_assert!(trust.is_to_be_asked(proof, proof.answered, 9));
        }
        let never = Moment::from_nanos(u64::MAX);
        prop_assert!(unbreakable.allows(proof, never) && !unbreakable.is_to_be_asked(proof, never, 0));
    }
}

#[test]
fn an_idle_connection_is_asked_now_and_then_and_only_one_at_a_time() {
    let trust = Trust::new(true);
    let answered = at(0);
    let proof = Proof { asked: Moment::default(), answered };
    let due = trust.due(proof);
    assert!(!trust.is_to_be_asked(proof, due, 1));
    assert!(trust.is_to_be_asked(proof, due, 0));
    assert!(!trust.is_to_be_asked(proof, answered.plus(Duration::from_secs(29)), 0));
    assert_eq!(Trust::new(false).due(proof), Moment::from_nanos(u64::MAX));
}
