//! A secret that is rotated while the file holds something that is not in force.

use crate::rig::{on_trial, replace, text, Rig, REFUSED};
use ops_config::{
    diagnostic::Code,
    reload::{Cause, Outcome, Stage, Vitals},
};
use std::{fs, path::Path, sync::atomic::Ordering, time::Duration};
use tempfile::tempdir;

fn with_token(text: &str, file: &Path) -> String {
    format!("{text}[admin]\ntoken = {{ file = {:?} }}\n", file.display().to_string())
}

fn token(rig: &Rig) -> String {
    rig.now().checked.config().admin.token.as_ref().unwrap().expose().unwrap().to_owned()
}

fn last_code(rig: &Rig) -> Option<Code> {
    rig.status().last_error.as_ref().map(|error| error.code)
}

#[tokio::test]
async fn it_reaches_what_is_in_force_while_a_broken_save_stands_in_the_file() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let rig = Rig::start(&with_token(&text(1), &file)).await;
    rig.rename_save("version = ");
    rig.until_rejected(Stage::Parse).await;
    for (n, secret) in [(2, "second"), (3, "third")] {
        replace(&file, secret);
        rig.until_that("rotated", |rig| token(rig) == secret).await;
        assert_eq!((rig.now().seq, last_code(&rig)), (n, Some(Code::Syntax)));
        assert_eq!(rig.newest().cause, Cause::Rotation);
    }
    rig.rename_save(&with_token(&text(1), &file));
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, token(&rig).as_str()), (3, "third"));
    rig.rename_save(&with_token(&text(2), &file));
    rig.until(2).await;
    rig.running.handle.rollback().await.unwrap();
    assert_eq!((rig.now().plan, token(&rig).as_str()), (1, "third"));
}

/// Both name it: what was given up is not tried for a secret that is renewed where it is in force.
#[tokio::test(start_paused = true)]
async fn it_reaches_what_is_in_force_and_tries_nothing_that_was_given_up() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let rig = Rig::start(&with_token(&text(1), &file)).await;
    rig.rename_save(&with_token(&on_trial(2, "10s"), &file));
    rig.until(2).await;
    rig.probe.does(2, Vitals { is_ready: false, ..Vitals::default() });
    rig.until_that("rolled back", |rig| rig.status().counts.rolled_back == 1).await;
    replace(&file, "second");
    rig.until_that("rotated", |rig| token(rig) == "second").await;
    tokio::time::sleep(Duration::from_mins(20)).await;
    assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Build, .. }));
    assert_eq!((rig.now().seq, rig.now().plan, last_code(&rig)), (4, 1, Some(Code::RolledBack)));
    assert_eq!(rig.probe.built(), [1, 2, 1, 1]);
}

/// Only the file names it: it may be what was wrong.
#[tokio::test(start_paused = true)]
async fn a_secret_that_only_what_was_given_up_names_makes_a_new_attempt() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "wrong").unwrap();
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&with_token(&on_trial(2, "10s"), &file));
    rig.until(2).await;
    rig.probe.does(2, Vitals { is_ready: false, ..Vitals::default() });
    rig.until_that("rolled back", |rig| rig.status().counts.rolled_back == 1).await;
    rig.probe.does(2, Vitals::default());
    replace(&file, "right");
    rig.until(2).await;
    assert_eq!((rig.now().seq, token(&rig).as_str(), last_code(&rig)), (4, "right", None));
}

/// A rotation to a secret that does not work is itself given up, and the next one is taken.
#[tokio::test(start_paused = true)]
async fn a_rotation_on_probation_falls_back_to_the_secret_before() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let rig = Rig::start(&with_token(&on_trial(1, "10s"), &file)).await;
    replace(&file, "wrong");
    rig.until_that("rotated", |rig| token(rig) == "wrong").await;
    rig.probe.does(1, Vitals { openings: 1, ..Vitals::default() });
    rig.until_that("rolled back", |rig| rig.status().counts.rolled_back == 1).await;
    assert_eq!((rig.now().seq, token(&rig).as_str(), last_code(&rig)), (3, "first", Some(Code::RolledBack)));
    replace(&file, "right");
    rig.until_that("rotated", |rig| token(rig) == "right").await;
    assert_eq!((rig.now().seq, last_code(&rig)), (4, None));
}

/// What broke is the save, or so it must be taken: the secret of before may open nothing any more.
#[tokio::test(start_paused = true)]
async fn one_during_a_probation_is_kept_where_the_save_is_given_up() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let rig = Rig::start(&with_token(&text(1), &file)).await;
    rig.rename_save(&with_token(&on_trial(2, "1m"), &file));
    rig.until(2).await;
    replace(&file, "second");
    rig.until_that("rotated", |rig| token(rig) == "second").await;
    rig.probe.does(2, Vitals { is_ready: false, ..Vitals::default() });
    rig.until_that("rolled back", |rig| rig.status().counts.rolled_back == 1).await;
    assert_eq!((rig.now().plan, token(&rig).as_str()), (1, "second"));
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_built_is_refused_once() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "first").unwrap();
    let rig = Rig::start(&with_token(&text(REFUSED), &file)).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    replace(&file, "wrong");
    rig.until_rejected(Stage::Build).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!((rig.probe.built().len(), rig.status().counts.rejected(Stage::Build)), (2, 1));
    assert_eq!((rig.now().seq, token(&rig).as_str(), last_code(&rig)), (1, "first", Some(Code::Bind)));
}
