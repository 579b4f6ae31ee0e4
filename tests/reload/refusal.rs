//! A system that refuses: rights that are lost, limits that are reached.

use crate::rig::{polled, replace, text, Rig, FIRST};
use libtest_mimic::Trial;
use ops_tests::{
    outside::{needs, run, succeed, Need},
    service::{Process, SOON},
    wait,
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

const ALONE: [&str; 2] = ["--user", "--map-root-user"];

const NAMESPACES: [Need; 2] = [
    Need::Program("unshare"),
    Need::Right("namespaces of one's own", || run(Command::new("unshare").args(ALONE).arg("true")).0.status.success()),
];

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[Need::Program("setpriv")], "refusal::a_file_that_may_not_be_read_is_rejected_until_it_may", file),
        needs(
            &[Need::Program("setpriv")],
            "refusal::a_folder_that_may_not_be_entered_is_rejected_until_it_may",
            folder,
        ),
        needs(&NAMESPACES, "refusal::without_watches_the_poll_finds_saves_and_says_so", watches),
        needs(&NAMESPACES, "refusal::without_instances_the_poll_finds_saves_and_says_so", instances),
    ]
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A service that may not read whatever it likes, even where it runs as root.
async fn without_rights() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let file = folder.path().join("etc/ops.toml");
    fs::write(&file, text(FIRST)).unwrap();
    let mine = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];
    let before = if rustix::process::geteuid().is_root() { &mine[..] } else { &[] };
    Rig::of(Process::spawn_by(folder, "etc/ops.toml", before), file).await
}

async fn file() {
    let mut rig = without_rights().await;
    for _ in 0..2 {
        let seen = rig.is_rejected("no right", |file| allow(file, 0o000)).await;
        assert_eq!(seen["last_reload"]["stage"], "read");
        rig.is_mended("right again", |file| allow(file, 0o644)).await;
        rig.is_rejected("no right again", |file| allow(file, 0o200)).await;
        rig.edit_by("replaced", |file, n| replace(file, &text(n))).await;
    }
}

async fn folder() {
    let mut rig = without_rights().await;
    let folder = |file: &Path| file.parent().unwrap().to_owned();
    let seen = rig.is_rejected("no way in", |file| allow(&folder(file), 0o000)).await;
    assert_eq!(seen["last_reload"]["stage"], "read");
    rig.is_mended("a way in", |file| allow(&folder(file), 0o755)).await;
    rig.edit_by("in place", |file, n| fs::write(file, text(n)).unwrap()).await;
    rig.edit_by("by a rename", |file, n| replace(file, &text(n))).await;
}

async fn watches() {
    reached("/proc/sys/user/max_inotify_watches").await;
}

async fn instances() {
    reached("/proc/sys/user/max_inotify_instances").await;
}

/// The limit is that of a user: of another process of theirs, it may be, that has taken them all.
async fn reached(limit: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ops.toml");
    fs::write(&file, polled(FIRST, "100ms")).unwrap();
    let script = format!("echo 0 > {limit}; exec \"$@\"");
    let before: Vec<&str> = ["unshare"].into_iter().chain(ALONE).chain(["sh", "-euc", &script, "sh"]).collect();
    let mut rig = Rig::of(Process::spawn_by(folder, "ops.toml", &before), file).await;
    let polling = async |rig: &Rig| rig.service.scrape().await.is_one("ops_config_polling", &[]);
    let logged = |rig: &Rig, what: &str| rig.service.process.log().iter().filter(|line| line.contains(what)).count();

    for _ in 0..2 {
        rig.edit_by("in place", |file, n| fs::write(file, polled(n, "100ms")).unwrap()).await;
        rig.edit_by("by a rename", |file, n| replace(file, &polled(n, "100ms"))).await;
    }
    assert!(polling(&rig).await);
    assert_eq!(logged(&rig, "config watch refused"), 1, "said once, not at each look");

    let pid = rig.service.process.id().to_string();
    let enter = ["--user", "--preserve-credentials", "--target", &pid, "sh", "-euc"];
    let more = format!("echo 100 > {limit}");
    succeed("nsenter", enter.into_iter().chain([more.as_str()]));
    wait::until("events again", SOON, || async { (!polling(&rig).await).then_some(()) }).await;
    assert_eq!(logged(&rig, "config watch restored"), 1);
    rig.edit_by("the last that is polled", |file, n| replace(file, &text(n))).await;
    rig.edit_by("by events alone", |file, n| replace(file, &text(n))).await;
}
