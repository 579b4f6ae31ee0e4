//! Who holds a connection too long.

use super::{
    super::{Loan, Loans, Taker},
    *,
};
use crate::clock::Moment;
use proptest::prelude::*;
use std::{collections::BTreeMap, panic::Location};

#[derive(Clone, Debug)]
enum Step {
    Begin,
    End(prop::sample::Index),
    Look(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Begin),
        3 => any::<prop::sample::Index>().prop_map(Step::End),
        3 => (0..40_u64).prop_map(Step::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Feature: production-excellence, Property 23: every loan is told of once when it has become too long, whatever
    /// begins and ends meanwhile, and leaves nothing behind.
    #[test]
    fn each_loan_too_long_is_told_of_once(steps in prop::collection::vec(step(), 1..100), seconds in 1..30_u64) {
        let threshold = Duration::from_secs(seconds);
        let (mut loans, mut now, mut model) = (Loans::default(), Moment::default(), BTreeMap::new());
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Begin => {
                    let taker = Taker { place: Location::caller(), trace: Some(number as u128) };
                    let slot = loans.begin(taker, now);
                    prop_assert_eq!(model.insert(slot, Loan { taker, since: now, is_told: false }), None);
                }
                Step::End(at) if !model.is_empty() => {
                    let slot = *model.keys().nth(at.index(model.len())).expect("in range");
                    prop_assert_eq!(loans.end(slot), model.remove(&slot));
                    prop_assert_eq!(loans.end(slot), None);
                }
                Step::End(_) => {}
                Step::Look(later) => {
                    now = now.plus(Duration::from_secs(*later));
                    let due = model.values().filter(|loan| !loan.is_told).map(|loan| loan.since.plus(threshold)).min();
                    prop_assert_eq!(loans.due(threshold), due);
                    let is_over = |loan: &&mut Loan| !loan.is_told && now.since(loan.since) >= threshold;
                    for loan in model.values_mut().filter(is_over) {
                        loan.is_told = true;
                    }
                    let told = loans.overdue(threshold, now);
                    prop_assert!(told.iter().all(|loan| now.since(loan.since) >= threshold));
                    prop_assert_eq!(told.is_empty(), due.is_none_or(|due| due > now));
                    prop_assert!(loans.overdue(threshold, now).is_empty());
                    prop_assert!(loans.overdue(Duration::ZERO, now).is_empty());
                }
            }
        }
    }
}

fn with_threshold(millis: u64) -> PoolConfig {
    PoolConfig { leak_threshold: Period::literal(millis), ..memory(0, 2) }
}

/// Lets so much time go by, and whatever looks at the clock look.
async fn pass(time: Duration) {
    tokio::time::pause();
    sleep(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_loan_too_long_is_told_of_once_and_a_save_changes_what_that_is() {
    let (pools, pool) = started(with_threshold(0)).await;
    let held = pool.acquire().await.expect("free");
    pass(Duration::from_mins(5)).await;
    assert_eq!(pool.snapshot().leaks, 0, "none is ever too long");
    apply(&pools, with_threshold(10)).await;
    eventually("it is told of", || pool.snapshot().leaks == 1).await;
    apply(&pools, with_threshold(20)).await;
    let other = pool.acquire().await.expect("free");
    eventually("the other is told of", || pool.snapshot().leaks == 2).await;
    drop((held, other));
    assert_eq!(pool.shared.lock().loans.due(Duration::from_secs(1)), None, "both are over");
    apply(&pools, with_threshold(60_000)).await;
    let _again = pool.acquire().await.expect("free");
    pass(Duration::from_secs(59)).await;
    assert_eq!(pool.snapshot().leaks, 2, "not yet");
    pass(Duration::from_secs(2)).await;
    assert_eq!(pool.snapshot().leaks, 3);
}

#[tokio::test]
async fn the_line_that_took_a_connection_is_known() {
    let (_pools, pool) = started(memory(0, 2)).await;
    let line = line!() + 1;
    let _held = pool.acquire().await.expect("free");
    let asleep = pool.acquire();
    let _other = asleep.await.expect("free");
    let loans = pool.shared.lock().loans.overdue(Duration::from_nanos(1), Moment::now());
    let lines: Vec<_> = loans.iter().map(|loan| loan.taker.place.line()).collect();
    assert_eq!(lines, [line, line + 1]);
    assert!(loans.iter().all(|loan| loan.taker.place.file().ends_with("loans.rs")));
}
