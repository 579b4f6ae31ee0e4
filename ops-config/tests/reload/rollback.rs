//! The way back that somebody asks for, and asks that hold only for what the asker has seen.

use crate::rig::{on_trial, replace, text, Rig};
use ops_config::{
    diagnostic::Code,
    reload::{Answer, Cause, Declined, Grounds, Outcome, Probation, Stage, Wish},
};
use std::{fs, time::Duration};
use tempfile::tempdir;
use tokio::task::JoinSet;

async fn rollback(rig: &Rig) -> Result<Outcome, Declined> {
    rig.running.handle.rollback().await
}

async fn save(rig: &Rig, n: u32) {
    rig.rename_save(&text(n));
    rig.until(n).await;
}

#[tokio::test]
async fn each_rollback_leads_one_step_further_back_until_there_is_none() {
    let rig = Rig::start(&text(1)).await;
    assert_eq!(rollback(&rig).await, Err(Declined::NothingEarlier));
    save(&rig, 2).await;
    save(&rig, 3).await;
    for (seq, plan, from) in [(4, 2, 3), (5, 1, 4)] {
        let outcome = rollback(&rig).await;
        assert!(
            matches!(outcome, Ok(Outcome::RolledBack { generation, from: gave_up, .. }) if (generation, gave_up) == (seq, from))
        );
        assert_eq!((rig.now().seq, rig.now().plan), (seq, plan));
        assert_eq!(rig.newest().cause, Cause::Rollback { from, to: u64::from(plan), grounds: Grounds::Asked });
    }
    let before = rig.status().revision;
    assert_eq!(rollback(&rig).await, Err(Declined::NothingEarlier));
    assert_eq!(rig.status().revision, before, "nothing has changed");
    // The file still holds what was given up first, and then another.
    assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Build, .. }));
    save(&rig, 4).await;
    assert_eq!((rig.now().seq, rig.status().last_error.clone()), (6, None));
    assert!(rollback(&rig).await.is_ok());
    assert_eq!(rig.now().plan, 1);
}

#[tokio::test]
async fn a_rollback_ends_a_probation_and_needs_none() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10m"));
    rig.until(2).await;
    rollback(&rig).await.unwrap();
    let found: Vec<_> = rig.running.handle.history().entries().map(|entry| entry.probation).collect();
    assert_eq!(found, [Probation::None, Probation::Superseded, Probation::None]);
    assert_eq!(rig.status().last_error.as_ref().map(|error| error.code), Some(Code::RolledBack));
}

#[tokio::test]
async fn a_fault_that_stands_in_the_file_is_not_hidden_by_a_rollback() {
    let rig = Rig::start(&text(1)).await;
    save(&rig, 2).await;
    rig.rename_save("version = ");
    rig.until_rejected(Stage::Parse).await;
    rollback(&rig).await.unwrap();
    assert_eq!(rig.status().last_error.as_ref().map(|error| error.code), Some(Code::Syntax));
    rig.rename_save(&text(1));
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.now().plan), (3, 1));
}

#[tokio::test]
async fn a_rollback_to_what_the_file_holds_clears_the_error() {
    let rig = Rig::start(&text(1)).await;
    for n in [2, 1] {
        save(&rig, n).await;
    }
    rollback(&rig).await.unwrap();
    assert_eq!(rig.status().last_error.as_ref().map(|error| error.code), Some(Code::RolledBack));
    rollback(&rig).await.unwrap();
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.now().plan), (5, 1));
}

#[tokio::test]
async fn asks_are_answered_in_their_order_and_those_that_follow_each_other_at_once() {
    let rig = Rig::start(&text(1)).await;
    save(&rig, 2).await;
    rig.rename_save(&text(3));
    let handle = &rig.running.handle;
    // On one thread the driver hears of all of them at once.
    let wishes = [Wish::Reload, Wish::Rollback, Wish::Rollback, Wish::Reload].map(|wish| handle.ask(wish, None));
    let [first, second, third, fourth] = wishes;
    let (first, second, third, fourth) = tokio::join!(first, second, third, fourth);
    assert!(matches!(first.unwrap().outcome, Outcome::Applied { generation: 3 } | Outcome::Unchanged));
    let undone = second.unwrap();
    assert!(matches!(undone.outcome, Outcome::RolledBack { generation: 4, from: 3, .. }), "{undone:?}");
    assert_eq!(third.unwrap(), undone, "shared");
    assert!(matches!(fourth.unwrap().outcome, Outcome::Rejected { stage: Stage::Build, .. }));
    assert_eq!((rig.now().seq, rig.now().plan), (4, 2));
}

#[tokio::test]
async fn of_many_who_have_seen_the_same_and_ask_one_by_one_only_the_first_is_heard() {
    let rig = Rig::start(&text(1)).await;
    save(&rig, 2).await;
    save(&rig, 3).await;
    let seen = rig.status().revision;
    let Answer { outcome, revision } = rig.running.handle.ask(Wish::Rollback, Some(vec![seen])).await.unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { .. }));
    assert_eq!(revision, rig.status().revision);
    for wish in [Wish::Rollback, Wish::Reload] {
        let declined = rig.running.handle.ask(wish, Some(vec![seen])).await;
        assert_eq!(declined, Err(Declined::Changed { now: revision }));
    }
    assert_eq!((rig.now().seq, rig.status().revision), (4, revision), "who was turned away has done nothing");
}

/// Whoever asks, and in whatever order they are heard: a step back is made only by one who has seen
/// what was in force at that moment, so never two of those who saw the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_and_the_act_are_one_step() {
    let rig = Rig::start(&text(1)).await;
    for n in 2..8 {
        save(&rig, n).await;
    }
    let seen = rig.status().revision;
    let mut calls = JoinSet::new();
    for n in 0..40 {
        let handle = rig.running.handle.clone();
        let wish = if n % 2 == 0 { Wish::Rollback } else { Wish::Reload };
        calls.spawn(async move { handle.ask(wish, Some(vec![seen])).await });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().any(Result::is_ok));
    assert_eq!(rig.status().counts.rolled_back + rig.status().counts.unchanged, 1, "{answers:?}");
}

#[tokio::test]
async fn a_rollback_takes_the_secrets_of_today_and_a_rotation_is_no_step() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let with = |n| format!("{}[admin]\ntoken = {{ file = {:?} }}\n", text(n), file.display().to_string());
    let token = |rig: &Rig| rig.now().checked.config().admin.token.as_ref().unwrap().expose().unwrap().to_owned();
    let rig = Rig::start(&with(1)).await;
    rig.rename_save(&with(2));
    rig.until(2).await;
    replace(&file, "second");
    rig.until_that("rotated", |rig| token(rig) == "second").await;
    rollback(&rig).await.unwrap();
    assert_eq!((rig.now().plan, token(&rig).as_str()), (1, "second"));
    replace(&file, "third");
    rig.rename_save(&with(1));
    rig.until_that("rotated", |rig| token(rig) == "third").await;
}

#[tokio::test]
async fn a_secret_that_is_written_in_place_is_a_step() {
    let with = |n, token| format!("{}[admin]\ntoken = {token:?}\n", text(n));
    let rig = Rig::start(&with(1, "first")).await;
    rig.rename_save(&with(2, "good"));
    rig.until(2).await;
    rig.rename_save(&with(2, "typo"));
    rig.until_that("the typo", |rig| rig.now().seq == 3).await;
    rollback(&rig).await.unwrap();
    let now = rig.now();
    assert_eq!((now.plan, now.checked.config().admin.token.as_ref().unwrap().expose()), (2, Some("good")));
}

/// It waits for what looks half written, and what it was meant for is not so any more by then.
#[tokio::test(start_paused = true)]
async fn a_look_that_was_declined_is_not_made_later() {
    let rig = Rig::start(&text(1)).await;
    let good = on_trial(2, "10s");
    rig.rename_save(&good);
    rig.until(2).await;
    tokio::time::sleep(Duration::from_secs(9)).await;
    rig.rename_save(good.trim_end_matches("max_in_flight = 2\n"));
    let asked = rig.running.handle.ask(Wish::Reload, Some(vec![rig.status().revision])).await;
    let now = rig.status().revision;
    assert_eq!((asked, rig.newest().probation), (Err(Declined::Changed { now }), Probation::Passed));
    rig.rename_save(&good);
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!((rig.status().revision, rig.status().counts.unchanged), (now, 0));
}
