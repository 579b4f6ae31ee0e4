//! What is remembered of the generations that were in force.

use crate::rig::{text, Rig};
use ops_config::reload::{Cause, Entry, Outcome, Probation};
use std::sync::Arc;

fn entries(rig: &Rig) -> Vec<Arc<Entry>> {
    rig.running.handle.history().entries().cloned().collect()
}

#[tokio::test]
async fn the_start_is_the_first_and_each_change_says_what_it_changed() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(2));
    rig.until(2).await;
    let found = entries(&rig);
    let [second, first] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.generation, first.cause, first.differences.len()), (1, Cause::Start, 0));
    assert_eq!((second.generation, second.probation), (2, Probation::None));
    assert_eq!((second.sha256, second.loaded_at), (rig.now().checked.sha256(), rig.now().loaded_at));
    let changed: Vec<_> = second.differences.iter().map(|difference| difference.key.to_string()).collect();
    assert_eq!(changed, ["limits.max_in_flight"]);
}

#[tokio::test]
async fn a_look_that_changes_nothing_is_no_generation_and_a_rejected_one_is_counted() {
    let rig = Rig::start(&text(1)).await;
    assert_eq!(rig.reload().await, Outcome::Unchanged);
    rig.rename_save("version = ");
    for _ in 0..2 {
        assert!(matches!(rig.reload().await, Outcome::Rejected { .. }));
    }
    let rejected = entries(&rig)[0].rejected;
    assert!((2..=3).contains(&rejected), "the event may have come first: {rejected}");
    rig.rename_save(&text(2));
    rig.until(2).await;
    assert_eq!(entries(&rig).iter().map(|entry| entry.rejected).collect::<Vec<_>>(), [0, rejected]);
}

#[tokio::test]
async fn only_the_last_generations_are_remembered_and_many_differences_are_counted() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..=70 {
        rig.rename_save(&text(n));
        rig.until(n).await;
    }
    let generations: Vec<_> = entries(&rig).iter().map(|entry| entry.generation).collect();
    assert_eq!(generations, (7..=70).rev().collect::<Vec<_>>());
    let breakers: Vec<_> = (0..200).map(|n| format!("[breakers.b{n}]\nfailure_threshold = 3\n")).collect();
    rig.rename_save(&(text(71) + &breakers.concat()));
    rig.until(71).await;
    let newest = rig.newest();
    assert_eq!((newest.differences.len(), newest.more_differences), (128, 201 - 128));
}

/// Feature: production-excellence, Property 25: no secret is remembered, be it in place or not.
#[tokio::test]
async fn a_secret_that_changed_is_remembered_as_changed_and_not_as_what_it_was() {
    let rig = Rig::start(&format!("{}[admin]\ntoken = \"hunter1\"\n", text(1))).await;
    rig.rename_save(&format!("{}[admin]\ntoken = \"hunter2\"\n", text(1)));
    rig.until_that("rotated", |rig| rig.now().seq == 2).await;
    let newest = rig.newest();
    assert_eq!(newest.differences.len(), 1);
    assert!(newest.differences[0].is_hidden() && newest.differences[0].key.to_string() == "admin.token");
    let shown = format!("{:?}{}", entries(&rig), newest.differences[0].to_json());
    assert!(!shown.contains("hunter"), "{shown}");
}
