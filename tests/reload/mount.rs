//! What containers see of their host: single files and folders mounted from outside.
//!
//! The service runs in a namespace of its own, and the edits are made outside.

use crate::{
    place::{seams, write_slowly},
    rig::{pause, polled, replace, text, unhurried, word, Rig, FIRST},
};
use libtest_mimic::Trial;
use ops_tests::{
    outside::{needs, run, succeed, Need},
    service::Process,
};
use std::{fs, path::Path, process::Command};

const ALONE: [&str; 3] = ["--user", "--map-root-user", "--mount"];

const NAMESPACES: [Need; 2] = [
    Need::Program("unshare"),
    Need::Right("namespaces of one's own", || run(Command::new("unshare").args(ALONE).arg("true")).0.status.success()),
];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&NAMESPACES, "mount::a_mounted_file_takes_effect_once", file),
        needs(&NAMESPACES, "mount::a_mounted_file_that_is_renamed_over_stays_as_it_was_mounted", file_replaced),
        needs(&NAMESPACES, "mount::a_read_only_folder_takes_effect_once", folder),
        needs(&NAMESPACES, "mount::an_overlay_without_events_is_found_by_the_poll", overlay),
    ]
}

/// A service on `inside/ops.toml`, where a script has mounted what is in `outside`; edited there.
async fn rig(first: &str, script: &str) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    for name in ["outside", "inside", "upper", "work"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let outside = folder.path().join("outside/ops.toml");
    fs::write(&outside, first).unwrap();
    fs::write(folder.path().join("inside/ops.toml"), "").unwrap();
    let script = format!("{script}; exec \"$@\"");
    let before: Vec<&str> = ["unshare"].into_iter().chain(ALONE).chain(["sh", "-euc", &script, "sh"]).collect();
    let process = Process::spawn_by(folder, "inside/ops.toml", &before);
    Rig::of(process, outside).await
}

const FILE: &str = "mount --bind outside/ops.toml inside/ops.toml";

/// No event of its folder tells of it, so it is watched itself; the poll is five minutes away.
async fn file() {
    let mut rig = rig(&text(FIRST), FILE).await;
    for _ in 0..3 {
        rig.edit_by("in place", |file, n| fs::write(file, text(n)).unwrap()).await;
    }
    rig.edit("in pieces", async |file, n| {
        let text = text(n);
        write_slowly(file, &text, &seams(&text), 80).await;
    })
    .await;
}

/// The name outside leads to another file then, and the one that is mounted is no longer written.
/// Until it is mounted anew there is nothing to be seen: the old content stays in force.
async fn file_replaced() {
    let mut rig = rig(&polled(FIRST, "100ms"), FILE).await;
    rig.is_nothing("by a rename", |file| replace(file, &polled(1001, "100ms"))).await;
    pause(500).await;
    assert_eq!(rig.in_force().await, u64::from(FIRST));
    let (pid, folder) = (rig.service.process.id().to_string(), word(rig.folder()).to_owned());
    rig.edit_by("mounted anew", |_, _| {
        let enter = ["--user", "--mount", "--preserve-credentials", "--target", &pid];
        let script = format!("cd {folder}; umount inside/ops.toml; {FILE}");
        succeed("nsenter", enter.into_iter().chain(["sh", "-euc", &script]));
    })
    .await;
    rig.edit_by("in place", |file, n| fs::write(file, polled(n, "5m")).unwrap()).await;
    rig.edit_by("by events alone", |file, n| fs::write(file, text(n)).unwrap()).await;
}

async fn folder() {
    let script = "mount --bind outside inside; mount -o remount,bind,ro inside; ! touch inside/new 2>&-";
    let mut rig = rig(&text(FIRST), script).await;
    for _ in 0..2 {
        rig.edit_by("in place", |file, n| fs::write(file, text(n)).unwrap()).await;
        rig.edit_by("by a rename", |file, n| replace(file, &text(n))).await;
    }
}

/// What is written to the lower layer behind the back of an overlay shows, and raises no event: as
/// on a network.
async fn overlay() {
    let script = "mount -t overlay overlay -o lowerdir=outside,upperdir=upper,workdir=work inside";
    // So that no poll falls into the time in which nothing is to be seen, however slow the machine.
    let mut rig = rig(&polled(FIRST, "5m"), script).await;
    let in_place = |file: &Path, n: u32, interval: &str| fs::write(file, polled(n, interval)).unwrap();
    rig.n += 1;
    in_place(&rig.file, rig.n, "100ms");
    pause(500).await;
    assert_eq!(rig.in_force().await, u64::from(FIRST), "no event came");
    assert_eq!(rig.reload().await, "applied", "who asks is answered");
    for _ in 0..2 {
        rig.edit_by("by the poll", |file, n| in_place(file, n, "100ms")).await;
    }
    rig.edit_by("a longer settle", |file, n| fs::write(file, unhurried(n)).unwrap()).await;
    rig.edit("in pieces", async |file, n| {
        let text = unhurried(n);
        write_slowly(file, &text, &seams(&text), 200).await;
    })
    .await;
}
