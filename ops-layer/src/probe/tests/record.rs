//! The machine, without a runtime.

use super::super::{CheckError, Record, Thresholds};
use crate::clock::Moment;
use proptest::prelude::*;
use std::time::Duration;

fn thresholds(failures: u32, successes: u32) -> Thresholds {
    Thresholds { failures, successes, stale_after: Duration::from_secs(30) }
}

fn outcome(is_ok: bool) -> Result<(), CheckError> {
    if is_ok {
        Ok(())
    } else {
        Err(CheckError::new("refused"))
    }
}

/// The same, written as a sentence: healthy after S successes in a row, until F failures in a row.
fn model(results: &[bool], failures: u32, successes: u32) -> bool {
    let ends_with = |part: &[bool], value: bool, n: u32| {
        part.len() >= n as usize && part.iter().rev().take(n as usize).all(|result| *result == value)
    };
    let last = (1..=results.len()).rev().find_map(|end| {
        let part = &results[..end];
        if ends_with(part, true, successes) {
            Some(true)
        } else {
            ends_with(part, false, failures).then_some(false)
        }
    });
    last.unwrap_or(false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Feature: production-excellence, Property 10: a check turns on exactly the configured number of results in a
    /// row, and a result counts for `stale_after` and no longer.
    #[test]
    fn turns_on_the_nth_result_in_a_row(
        results in prop::collection::vec(any::<bool>(), 0..40),
        failures in 1..5_u32,
        successes in 1..5_u32,
        age in 0..60_000_u64,
    ) {
        let thresholds = thresholds(failures, successes);
        let mut record = Record::new();
        let at = Moment::from_nanos(7);
        for result in &results {
            record.take(outcome(*result), Duration::from_millis(3), &thresholds, at);
        }
        let verdict = record.judge(&thresholds, at.plus(Duration::from_millis(age)));
        let is_fresh = age <= 30_000;
        prop_assert_eq!(verdict.is_healthy, is_fresh && model(&results, failures, successes));
        prop_assert!(verdict.is_healthy || verdict.message.is_some(), "unhealthy without a reason");
        prop_assert_eq!(record.has_run(), !results.is_empty());
    }
}

#[test]
fn a_check_that_has_not_run_is_not_healthy() {
    let record = Record::new();
    let verdict = record.judge(&thresholds(3, 1), Moment::default());
    assert!(!verdict.is_healthy);
    assert_eq!(verdict.message.as_deref(), Some("not checked yet"));
}

#[test]
fn a_healthy_check_says_how_it_failed_last() {
    let mut record = Record::new();
    let thresholds = thresholds(2, 1);
    record.take(Ok(()), Duration::ZERO, &thresholds, Moment::default());
    record.take(outcome(false), Duration::ZERO, &thresholds, Moment::default());
    let verdict = record.judge(&thresholds, Moment::default());
    assert_eq!((verdict.is_healthy, verdict.message.as_deref()), (true, Some("refused")));
}

#[test]
fn the_first_result_of_a_check_that_joined_late_decides_and_the_thresholds_hold_after_it() {
    let thresholds = thresholds(2, 3);
    for is_ok in [true, false] {
        let mut record = Record::late();
        let mut then = |is_ok: bool| {
            record.take(outcome(is_ok), Duration::ZERO, &thresholds, Moment::default());
            record.judge(&thresholds, Moment::default()).is_healthy
        };
        assert_eq!(then(is_ok), is_ok);
        assert_eq!(then(!is_ok), is_ok, "one of the other kind is not enough");
    }
}
