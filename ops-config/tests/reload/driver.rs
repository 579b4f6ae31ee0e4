//! The driver: what it answers, what it counts, and what it survives.

use crate::rig::{polled, text, Rig, PANICS, REFUSED};
use ops_config::reload::{Outcome, Stage};
use std::{sync::atomic::Ordering, time::Duration};
use tempfile::tempdir;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_start_without_a_good_file_fails_with_every_reason() {
    let folder = tempdir().unwrap();
    let missing = Rig::on(&folder.path().join("ops.toml")).await.err().unwrap();
    assert_eq!((missing.stage, missing.violations.len()), (Stage::Read, 1));
    std::fs::write(folder.path().join("ops.toml"), text(PANICS)).unwrap();
    let panics = Rig::on(&folder.path().join("ops.toml")).await.err().unwrap();
    assert_eq!(panics.stage, Stage::Build);
}

#[tokio::test]
async fn a_reload_that_is_asked_for_answers_with_its_outcome() {
    let rig = Rig::start(&text(1)).await;
    assert_eq!(rig.reload().await, Outcome::Unchanged);
    rig.rename_save(&text(2));
    // The file event may come first.
    assert!(matches!(rig.reload().await, Outcome::Applied { generation: 2 } | Outcome::Unchanged));
    assert_eq!(rig.now().plan, 2);
    rig.rename_save("version = \n");
    assert!(matches!(rig.reload().await, Outcome::Rejected { .. }));
    assert!(matches!(rig.reload().await, Outcome::Rejected { .. }), "asked again, judged again");
    assert_eq!(rig.now().plan, 2);
}

#[tokio::test]
async fn reloads_at_the_same_time_share_one() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(2));
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let handle = rig.running.handle.clone();
        calls.spawn(async move { handle.reload().await });
    }
    let outcomes = calls.join_all().await;
    assert!(outcomes.iter().all(|outcome| !matches!(outcome, Outcome::Rejected { .. })));
    let counts = rig.status().counts;
    assert_eq!((counts.applied, rig.probe.built().len()), (1, 2));
    assert!(counts.unchanged < 20, "{} reloads for 100 calls", counts.unchanged);
}

#[tokio::test]
async fn no_reader_sees_a_generation_without_its_reload() {
    let rig = Rig::start(&text(1)).await;
    let (live, handle) = (rig.running.live.clone(), rig.running.handle.clone());
    let reader = std::thread::spawn(move || {
        let mut last = 0;
        while last < 200 {
            let (generation, status) = handle.moment(&live);
            assert_eq!(generation.seq, 1 + status.counts.applied);
            assert!(status.last_error.is_none());
            last = generation.plan;
        }
    });
    for n in 2..=200 {
        rig.rename_save(&text(n));
        rig.until(n).await;
    }
    reader.join().unwrap();
}

#[tokio::test]
async fn a_panic_while_building_is_rejected_and_reloading_goes_on() {
    let rig = Rig::start(&text(1)).await;
    rig.rename_save(&text(PANICS));
    rig.until_rejected(Stage::Build).await;
    assert_eq!((rig.now().seq, rig.now().plan), (1, 1));
    rig.rename_save(&text(2));
    rig.until(2).await;
    assert_eq!(rig.status().last_error, None);
}

#[tokio::test]
async fn what_could_not_be_built_is_tried_again_when_asked() {
    let rig = Rig::start(&text(1)).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    rig.rename_save(&text(REFUSED));
    rig.until_rejected(Stage::Build).await;
    assert!(matches!(rig.reload().await, Outcome::Rejected { stage: Stage::Build, .. }));
    rig.probe.refuses.store(0, Ordering::SeqCst);
    assert_eq!(rig.reload().await, Outcome::Applied { generation: 2 });
    assert_eq!(rig.now().plan, REFUSED);
}

#[tokio::test(start_paused = true)]
async fn what_was_rejected_is_not_tried_again_by_the_poll() {
    let rig = Rig::start(&polled(1, "100ms")).await;
    rig.probe.refuses.store(1, Ordering::SeqCst);
    rig.rename_save(&polled(REFUSED, "100ms"));
    rig.until_rejected(Stage::Build).await;
    // Six hundred looks of the paused clock.
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(rig.status().counts.rejected(Stage::Build), 1);
    assert_eq!(rig.probe.built(), [1, REFUSED]);
}

#[tokio::test]
async fn what_is_stopped_watches_no_more_and_says_so() {
    let rig = Rig::start(&text(1)).await;
    rig.running.handle.stop();
    assert!(matches!(rig.reload().await, Outcome::Rejected { .. }));
    rig.rename_save(&text(2));
    assert!(matches!(rig.reload().await, Outcome::Rejected { .. }));
    assert_eq!(rig.now().plan, 1);
}
