use super::{Baseline, Symptom, Trial, Verdict, Vitals, MIN_REQUESTS};
use proptest::{collection::vec, prelude::*};
use std::time::Duration;

const AT: Duration = Duration::from_secs(1000);
const LENGTH: Duration = Duration::from_secs(30);

fn counted(requests: u64, failures: u64) -> Vitals {
    Vitals { requests, failures, ..Vitals::default() }
}

/// What is known after so many requests of which so many failed.
fn after(requests: u64, failures: u64) -> Baseline {
    let mut baseline = Baseline::new(Vitals::default(), AT);
    baseline.observe(counted(requests, failures), AT);
    baseline
}

/// What one look in the midst of it says, after a swap at which nothing had been counted.
fn verdict(baseline: &Baseline, vitals: Vitals) -> Verdict {
    Trial::new(LENGTH, baseline, Vitals::default(), AT).look(vitals, AT + LENGTH / 2)
}

fn fails_for_failures(baseline: &Baseline, vitals: Vitals) -> bool {
    matches!(verdict(baseline, vitals), Verdict::Failed(Symptom::Failures { .. }))
}

#[test]
fn a_service_that_fails_wholly_is_noticed_after_twenty_requests_even_where_nothing_is_known() {
    let nothing = Baseline::new(Vitals::default(), AT);
    assert!(!fails_for_failures(&nothing, counted(MIN_REQUESTS - 1, MIN_REQUESTS - 1)));
    assert!(fails_for_failures(&nothing, counted(MIN_REQUESTS, MIN_REQUESTS)));
}

#[test]
fn a_tenth_is_too_much_for_a_service_that_failed_nobody_and_nothing_new_for_one_that_did() {
    assert!(fails_for_failures(&after(1000, 0), counted(100, 10)));
    assert!(!fails_for_failures(&after(1000, 0), counted(100, 9)), "below a tenth");
    assert!(!fails_for_failures(&after(1000, 100), counted(100, 15)), "may be chance");
    assert!(fails_for_failures(&after(1000, 100), counted(100, 30)));
}

#[test]
fn what_was_seen_long_ago_counts_little() {
    let mut baseline = after(1000, 1000);
    let hour_later = AT + Duration::from_hours(1);
    baseline.observe(counted(2000, 1000), hour_later);
    assert!(fails_for_failures(&baseline, counted(100, 10)));
    assert!(!fails_for_failures(&after(1000, 1000), counted(100, 100)));
}

#[test]
fn a_breaker_that_opens_ends_a_trial_and_one_that_had_opened_does_not() {
    let opened = |openings| Vitals { openings, ..Vitals::default() };
    let baseline = after(0, 0);
    let mut trial = Trial::new(LENGTH, &baseline, opened(3), AT);
    assert_eq!(trial.look(opened(3), AT), Verdict::Pending);
    assert_eq!(trial.look(opened(4), AT), Verdict::Failed(Symptom::Opened));
}

#[test]
fn what_has_failed_has_failed_and_is_told_again_some_seconds_later() {
    let ill = Vitals { is_ready: false, ..Vitals::default() };
    let mut trial = Trial::new(LENGTH, &after(0, 0), Vitals::default(), AT);
    assert_eq!(trial.look(ill, AT), Verdict::Failed(Symptom::NotReady));
    assert!(trial.has_failed() && trial.due() > AT + Duration::from_secs(1));
    assert_eq!(trial.look(Vitals::default(), AT + LENGTH), Verdict::Failed(Symptom::NotReady));
}

proptest! {
    #[test]
    fn a_service_that_stays_well_passes_at_the_end_and_not_before(
        length in 1u64..600_000,
        steps in vec((0u64..500, 0u64..50), 1..50),
    ) {
        let end = AT + Duration::from_millis(length);
        let mut trial = Trial::new(Duration::from_millis(length), &after(50, 0), Vitals::default(), AT);
        let mut now = AT;
        let mut requests = 0;
        for (wait, more) in steps {
            now += Duration::from_millis(wait);
            requests += more;
            let expected = if now >= end { Verdict::Passed } else { Verdict::Pending };
            prop_assert_eq!(trial.look(counted(requests, 0), now), expected);
            prop_assert!(now >= end || (trial.due() > now && trial.due() <= end));
        }
    }

    #[test]
    fn readiness_is_lost_by_whoever_had_it(ready in vec(any::<bool>(), 1..20)) {
        let vitals = |is_ready| Vitals { is_ready, ..Vitals::default() };
        let mut trial = Trial::new(LENGTH, &after(0, 0), vitals(ready[0]), AT);
        let mut was_ready = ready[0];
        let mut lost = false;
        for is_ready in ready {
            lost |= was_ready && !is_ready;
            was_ready |= is_ready;
            let expected = if lost { Verdict::Failed(Symptom::NotReady) } else { Verdict::Pending };
            prop_assert_eq!(trial.look(vitals(is_ready), AT), expected);
        }
    }

    #[test]
    fn no_more_failures_than_before_never_end_a_trial(
        before in 1u64..5000, failed in 0u64..5000, requests in 0u64..5000,
    ) {
        let failed = failed.min(before);
        let baseline = after(before, failed);
        prop_assert!(!fails_for_failures(&baseline, counted(requests, requests * failed / before)));
    }

    #[test]
    fn more_failures_of_as_many_requests_are_never_better(
        before in 0u64..1000, failed in 0u64..1000, requests in 0u64..1000, one in 0u64..1000, other in 0u64..1000,
    ) {
        let baseline = after(before, failed.min(before));
        let fails = |failures: u64| fails_for_failures(&baseline, counted(requests, failures.min(requests)));
        prop_assert!(!fails(one.min(other)) || fails(one.max(other)));
    }

    #[test]
    fn counts_that_begin_anew_are_no_failures(before in any::<(u64, u64)>(), after in any::<(u64, u64)>()) {
        let (first, then) = (counted(before.0, before.1), counted(after.0, after.1));
        let (requests, failures) = then.since(&first);
        prop_assert!(failures <= requests && (after.0 >= before.0 || requests == 0));
    }
}
