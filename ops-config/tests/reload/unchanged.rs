//! What a save costs that changes nothing.

use crate::rig::{text, Rig};
use notify::{event::AccessKind, EventKind, RecursiveMode, Watcher};
use std::sync::{
    atomic::{AtomicUsize, Ordering},
    Arc,
};

/// One read, which is compared with what is in force byte by byte; no parse, no check, no build.
#[tokio::test]
async fn a_save_without_a_change_costs_one_read() {
    let rig = Rig::start(&text(1)).await;
    // The watcher's own first look is over.
    assert_eq!(rig.reload().await, ops_config::reload::Outcome::Unchanged);
    let before = rig.status();
    let (reads, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, ended, file) = (Arc::clone(&reads), Arc::clone(&end), rig.file().to_owned());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let event = event.unwrap();
        if matches!(event.kind, EventKind::Access(AccessKind::Open(_))) && event.paths.contains(&file) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        for (n, name) in [(1, "first"), (2, "second")] {
            if event.paths.iter().any(|path| path.ends_with(name)) {
                ended.fetch_max(n, Ordering::SeqCst);
            }
        }
    })
    .unwrap();
    watcher.watch(rig.folder(), RecursiveMode::NonRecursive).unwrap();

    // From another folder, so that the save is one event: a file that is made beside the first is seen on its own.
    let beside = tempfile::tempdir().unwrap();
    std::fs::write(beside.path().join("new"), text(1)).unwrap();
    std::fs::rename(beside.path().join("new"), rig.file()).unwrap();
    rig.until_that("looked at", |_| reads.load(Ordering::SeqCst) > 0).await;
    assert!(Arc::ptr_eq(&before.checked, &rig.status().checked), "it was checked");

    // Events come in order: those before this have been counted when it is heard.
    std::fs::write(rig.folder().join("first"), "").unwrap();
    rig.until_that("all events heard", |_| end.load(Ordering::SeqCst) > 0).await;
    let first = reads.load(Ordering::SeqCst);
    // What this asks for comes after whatever the save still caused, and its own look is one read.
    assert_eq!(rig.reload().await, ops_config::reload::Outcome::Unchanged);
    std::fs::write(rig.folder().join("second"), "").unwrap();
    rig.until_that("all events heard", |_| end.load(Ordering::SeqCst) > 1).await;
    assert_eq!(
        (first, reads.load(Ordering::SeqCst)),
        (1, 2),
        "one for the save, one for the reload that was asked for"
    );
    assert_eq!((rig.probe.built(), rig.status().counts.applied), (vec![1], 0));
}
