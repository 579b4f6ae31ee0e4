//! Whether an idle connection is lent unasked.

use super::super::{Trust, FRESH};
use crate::clock::Moment;
use proptest::prelude::*;
use std::time::Duration;

proptest! {
    /// Feature: production-excellence, Property 24: nothing that answered before another was found broken is relied
    /// on, nor what has been idle long enough for a server to go and come back.
    #[test]
    fn only_what_answered_a_moment_ago_is_lent_unasked(
        answered in 0..400_u64, doubts in prop::collection::vec(0..400_u64, 0..4), later in 0..400_u64,
    ) {
        let at = |millis: u64| Moment::default().plus(Duration::from_mins(1) + Duration::from_millis(millis));
        let (mut trust, mut unbreakable) = (Trust::new(true), Trust::new(false));
        let mut doubts = doubts;
        doubts.sort_unstable();
        for doubt in &doubts {
            trust.doubt(at(*doubt));
            unbreakable.doubt(at(*doubt));
        }
        let is_doubted = doubts.iter().any(|doubt| *doubt >= answered);
        let now = at(answered + later);
        let is_fresh = Duration::from_millis(later) < FRESH;
        prop_assert_eq!(trust.allows(at(answered), now), is_fresh && !is_doubted);
        prop_assert_eq!(trust.is_to_be_asked(at(answered), now, 0), is_doubted);
        prop_assert!(unbreakable.allows(at(answered), now) && !unbreakable.is_to_be_asked(at(answered), now, 0));
    }
}

#[test]
fn an_idle_connection_is_asked_now_and_then_and_only_one_at_a_time() {
    let trust = Trust::new(true);
    let answered = Moment::default().plus(Duration::from_mins(1));
    let due = trust.due(answered);
    assert!(!trust.is_to_be_asked(answered, due.plus(Duration::ZERO), 1));
    assert!(trust.is_to_be_asked(answered, due, 0));
    assert!(!trust.is_to_be_asked(answered, answered.plus(Duration::from_secs(29)), 0));
    assert_eq!(Trust::new(false).due(answered), Moment::from_nanos(u64::MAX));
}
