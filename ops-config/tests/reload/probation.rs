//! What is watched after it came in force, and given up where it breaks the service.

use crate::rig::{on_trial, text, Rig, DEADLINE, REFUSED};
use ops_config::{
    diagnostic::Code,
    reload::{Cause, Grounds, Outcome, Probation, Stage, Symptom, Vitals},
};
use std::{
    sync::{atomic::Ordering, mpsc},
    thread,
    time::Duration,
};
use tokio::{runtime::Builder, time::timeout};

/// Of a service that is not ready.
fn ill() -> Vitals {
    Vitals { is_ready: false, ..Vitals::default() }
}

async fn until_rolled_back(rig: &Rig) {
    rig.until_that("rolled back", |rig| rig.status().counts.rolled_back > 0).await;
}

fn last_code(rig: &Rig) -> Option<Code> {
    rig.status().last_error.as_ref().map(|error| error.code)
}

#[tokio::test(start_paused = true)]
async fn what_breaks_the_service_is_given_up_for_what_was_proven() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
    assert_eq!((rig.newest().probation, last_code(&rig)), (Probation::Running, None));
    rig.probe.does(2, ill());
    until_rolled_back(&rig).await;
    let (now, status) = (rig.now(), rig.status());
    assert_eq!((now.seq, now.plan, rig.probe.built().as_slice()), (3, 1, [1, 2, 1].as_slice()));
    let Some(Outcome::RolledBack { generation: 3, from: 2, reason }) =
        status.last_reload.clone().map(|last| last.outcome)
    else {
        panic!("{:?}", status.last_reload)
    };
    assert_eq!(status.last_error, Some(reason));
    assert!(status.checked.same_as(&now.checked));
    let grounds = Grounds::Broke(Symptom::NotReady);
    assert_eq!(rig.newest().cause, Cause::Rollback { from: 2, to: 1, grounds });
    assert_eq!(rig.newest().differences[0].key.to_string(), "limits.max_in_flight");
    assert_eq!(rig.running.handle.history().entries().nth(1).unwrap().probation, Probation::Failed);
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_not_tried_again_until_it_changes() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
    rig.probe.does(2, ill());
    until_rolled_back(&rig).await;
    // Polls, events without a new content, and whoever asks.
    tokio::time::sleep(Duration::from_mins(20)).await;
    rig.rename_save(&on_trial(2, "10s"));
    for _ in 0..2 {
        let Outcome::Rejected { stage: Stage::Build, violations } = rig.reload().await else { panic!("tried again") };
        assert_eq!(violations[0].code, Code::RolledBack);
    }
    // Not for a fault in between either.
    rig.rename_save("version = ");
    rig.until_rejected(Stage::Parse).await;
    rig.rename_save(&on_trial(2, "10s"));
    assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Build, .. }));
    assert_eq!(
        (rig.now().seq, rig.probe.built().as_slice(), last_code(&rig)),
        (3, [1, 2, 1].as_slice(), Some(Code::RolledBack))
    );
    // Any change of bytes is a new attempt.
    rig.probe.does(2, Vitals::default());
    rig.rename_save(&format!("{}# again\n", on_trial(2, "10s")));
    rig.until(2).await;
    assert_eq!((rig.now().seq, last_code(&rig)), (4, None));
}

#[tokio::test(start_paused = true)]
async fn a_return_to_the_content_in_force_clears_the_error_and_makes_no_generation() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
    rig.probe.does(2, ill());
    until_rolled_back(&rig).await;
    rig.rename_save(&text(1));
    rig.until_that("no error", |rig| rig.status().last_error.is_none()).await;
    assert_eq!((rig.now().seq, rig.reload().await), (3, Outcome::Unchanged));
    // And what was given up may be tried by whoever writes it now.
    rig.probe.does(2, Vitals::default());
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
}

#[tokio::test(start_paused = true)]
async fn what_breaks_nothing_passes_and_is_what_the_next_is_given_up_for() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
    let revision = rig.status().revision;
    rig.until_that("passed", |rig| rig.newest().probation == Probation::Passed).await;
    assert_ne!(rig.status().revision, revision, "who has seen it running has not seen this");
    rig.probe.does(2, ill());
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!((rig.now().seq, rig.status().counts.rolled_back), (2, 0), "its time is up");
    rig.probe.does(2, Vitals::default());
    rig.rename_save(&on_trial(3, "10s"));
    rig.until(3).await;
    rig.probe.does(3, Vitals { openings: 1, ..Vitals::default() });
    until_rolled_back(&rig).await;
    assert_eq!((rig.now().seq, rig.now().plan), (4, 2));
}

#[tokio::test(start_paused = true)]
async fn a_save_during_a_probation_takes_its_place_and_falls_back_to_what_was_proven() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "1m"));
    rig.until(2).await;
    rig.rename_save(&on_trial(3, "1m"));
    rig.until(3).await;
    let before = rig.running.handle.history().entries().nth(1).unwrap().probation;
    assert_eq!(before, Probation::Superseded);
    rig.probe.does(3, ill());
    until_rolled_back(&rig).await;
    assert_eq!((rig.now().seq, rig.now().plan), (4, 1));
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(rig.now().seq, 4, "a rollback is on no probation");
}

#[tokio::test(start_paused = true)]
async fn what_is_proven_needs_no_proof_when_it_comes_back_by_a_save() {
    let rig = Rig::start(&on_trial(1, "1m")).await;
    assert_eq!(rig.newest().probation, Probation::None);
    rig.rename_save(&on_trial(2, "1m"));
    rig.until(2).await;
    rig.rename_save(&on_trial(1, "1m"));
    rig.until(1).await;
    rig.probe.does(1, ill());
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!((rig.now().seq, rig.newest().probation), (3, Probation::None));
}

#[tokio::test(start_paused = true)]
async fn without_a_probation_nothing_is_given_up() {
    let rig = Rig::start(&on_trial(1, "1m")).await;
    rig.rename_save(&text(2));
    rig.until(2).await;
    rig.probe.does(2, ill());
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!((rig.now().seq, rig.newest().probation), (2, Probation::None));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_built_again_leaves_what_is_in_force_and_is_tried_until_it_can() {
    let rig = Rig::start(&text(REFUSED)).await;
    rig.rename_save(&on_trial(2, "1m"));
    rig.until(2).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    rig.probe.does(2, ill());
    rig.until_rejected(Stage::Build).await;
    assert_eq!((rig.now().seq, last_code(&rig)), (2, None), "no fault of the file");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let attempts = rig.status().counts.rejected(Stage::Build);
    assert!((3..=6).contains(&attempts), "{attempts} attempts");
    rig.probe.refuses.store(0, Ordering::SeqCst);
    until_rolled_back(&rig).await;
    assert_eq!((rig.now().seq, rig.now().plan, last_code(&rig)), (3, REFUSED, Some(Code::RolledBack)));
}

#[tokio::test(start_paused = true)]
async fn what_is_stopped_gives_up_nothing() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&on_trial(2, "10s"));
    rig.until(2).await;
    rig.running.handle.stop();
    rig.probe.does(2, ill());
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!((rig.now().seq, rig.newest().probation), (2, Probation::Running));
}

#[test]
fn what_is_stopped_in_the_midst_of_a_look_at_the_service_comes_to_rest() {
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let rig = Rig::start(&text(1)).await;
            rig.rename_save(&on_trial(2, "10s"));
            rig.until(2).await;
            *rig.probe.stops.lock().unwrap() = Some(rig.running.handle.clone());
            tokio::time::sleep(Duration::from_mins(1)).await;
            assert!(rig.probe.stops.lock().unwrap().is_none());
        });
        done.send(()).unwrap();
    });
    ended.recv_timeout(DEADLINE).expect("a task that never waits keeps its thread for ever");
}

/// It may take as long as it is given, and be refused each time.
#[tokio::test(start_paused = true)]
async fn while_a_way_back_cannot_be_built_saves_and_asks_are_heard() {
    let rig = Rig::start(&text(REFUSED)).await;
    rig.rename_save(&on_trial(2, "1m"));
    rig.until(2).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    *rig.probe.pause.lock().unwrap() = Duration::from_secs(6);
    rig.probe.does(2, ill());
    rig.until_rejected(Stage::Build).await;
    assert_eq!(timeout(Duration::from_mins(1), rig.reload()).await, Ok(Outcome::Unchanged));
    rig.rename_save(&text(3));
    rig.until(3).await;
}

/// A check that fails already and is made critical by the save.
#[tokio::test(start_paused = true)]
async fn readiness_that_the_swap_itself_takes_is_lost_too() {
    let rig = Rig::start(&text(1)).await;
    rig.probe.does(2, ill());
    rig.rename_save(&on_trial(2, "10s"));
    until_rolled_back(&rig).await;
    assert_eq!((rig.now().seq, rig.now().plan), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_not_ready_before_has_lost_nothing() {
    let rig = Rig::start(&text(1)).await;
    rig.probe.does(1, ill());
    rig.probe.does(2, ill());
    rig.rename_save(&on_trial(2, "10s"));
    rig.until_that("passed", |rig| rig.newest().probation == Probation::Passed).await;
    assert_eq!((rig.now().seq, rig.now().plan), (2, 2));
}

/// What could not be given up is mended by a save, which needs a moment to show.
#[tokio::test(start_paused = true)]
async fn what_is_saved_while_the_service_is_broken_is_not_blamed_for_it() {
    let rig = Rig::start(&text(REFUSED)).await;
    rig.rename_save(&on_trial(2, "1m"));
    rig.until(2).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    rig.probe.does(2, ill());
    rig.until_rejected(Stage::Build).await;
    rig.probe.does(3, ill());
    rig.rename_save(&on_trial(3, "1m"));
    rig.until(3).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    rig.probe.does(3, Vitals::default());
    rig.until_that("passed", |rig| rig.newest().probation == Probation::Passed).await;
}
