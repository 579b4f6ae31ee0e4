//! Names that lead to another file than before, and files that come back.

use crate::rig::{pause, replace, text, word, Rig, FIRST};
use libtest_mimic::Trial;
use ops_tests::{
    outside::{needs, succeed, Need::Program},
    service::Process,
};
use std::{fs, os::unix::fs::symlink, path::Path};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[], "link::a_config_map_takes_effect_once", config_map),
        needs(&[Program("ln")], "link::a_link_that_points_elsewhere_takes_effect_once", retargeted),
        needs(&[], "link::a_release_behind_a_link_takes_effect_once", released),
        needs(&[], "link::a_replaced_folder_takes_effect_once", folder_replaced),
        needs(&[], "link::a_file_that_is_gone_is_rejected_and_taken_when_it_is_back", gone_and_back),
    ]
}

/// A service on a file that is reached through links in a folder.
async fn rig(make: impl FnOnce(&Path), file: &str) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let path = folder.path().join(file);
    Rig::of(Process::spawn_by(folder, file, &[]), path).await
}

fn with_file(folder: &Path, name: &str, n: u32) {
    fs::create_dir_all(folder.join(name)).unwrap();
    fs::write(folder.join(name).join("ops.toml"), text(n)).unwrap();
}

/// As the kubelet does it: a new folder, then `..data` by a rename, then the old folder removed.
async fn config_map() {
    let swap = |volume: &Path, n: u32| {
        let folder = format!("..2026_11_23_18_00_00.{n}");
        with_file(volume, &folder, n);
        symlink(&folder, volume.join("..data_tmp")).unwrap();
        let old = fs::read_link(volume.join("..data"));
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
        if let Ok(old) = old {
            fs::remove_dir_all(volume.join(old)).unwrap();
        }
    };
    let first = |volume: &Path| {
        swap(volume, FIRST);
        symlink("..data/ops.toml", volume.join("ops.toml")).unwrap();
    };
    let mut rig = rig(first, "ops.toml").await;
    for _ in 0..5 {
        rig.edit_by("..data", |file, n| swap(file.parent().unwrap(), n)).await;
    }
}

/// By a rename, and by taking one link away before the other comes.
async fn retargeted() {
    let first = |folder: &Path| {
        with_file(folder, "a", FIRST);
        symlink("a/ops.toml", folder.join("ops.toml")).unwrap();
    };
    let mut rig = rig(first, "ops.toml").await;
    for (option, folder) in [("-sfn", "b"), ("-sf", "c"), ("-sfT", "d")] {
        rig.edit_by(option, |file, n| {
            with_file(file.parent().unwrap(), folder, n);
            succeed("ln", [option, &format!("{folder}/ops.toml"), word(file)]);
        })
        .await;
    }
    rig.edit_by("behind the link", |file, n| replace(&file.with_file_name("d").join("ops.toml"), &text(n))).await;
    rig.edit("removed and made", async |file, n| {
        with_file(file.parent().unwrap(), "e", n);
        fs::remove_file(file).unwrap();
        pause(500).await;
        symlink("e/ops.toml", file).unwrap();
    })
    .await;
}

/// `current → releases/7`, as deployments have it.
async fn released() {
    let first = |folder: &Path| {
        with_file(folder, "releases/1000", FIRST);
        symlink("releases/1000", folder.join("current")).unwrap();
    };
    let mut rig = rig(first, "current/ops.toml").await;
    for _ in 0..3 {
        let root = rig.folder().to_owned();
        rig.edit_by("current", |_, n| {
            let release = format!("releases/{n}");
            with_file(&root, &release, n);
            symlink(&release, root.join("next")).unwrap();
            fs::rename(root.join("next"), root.join("current")).unwrap();
        })
        .await;
    }
}

async fn folder_replaced() {
    let mut rig = rig(|folder| with_file(folder, "etc", FIRST), "etc/ops.toml").await;
    let root = rig.folder().to_owned();
    for old in ["old.1", "old.2"] {
        rig.edit_by("by a rename", |_, n| {
            with_file(&root, "next", n);
            fs::rename(root.join("etc"), root.join(old)).unwrap();
            fs::rename(root.join("next"), root.join("etc")).unwrap();
        })
        .await;
        rig.edit_by("in the new folder", |file, n| fs::write(file, text(n)).unwrap()).await;
        rig.edit("removed and made", async |_, n| {
            fs::remove_dir_all(root.join("etc")).unwrap();
            pause(500).await;
            with_file(&root, "etc", n);
        })
        .await;
    }
}

async fn gone_and_back() {
    let mut rig = Rig::start().await;
    for _ in 0..2 {
        let seen = rig.is_rejected("gone", |file| fs::remove_file(file).unwrap()).await;
        assert_eq!(seen["last_reload"]["stage"], "read");
        let n = rig.n;
        rig.is_mended("back", |file| fs::write(file, text(n)).unwrap()).await;
        rig.is_rejected("gone again", |file| fs::remove_file(file).unwrap()).await;
        rig.edit_by("another", |file, n| replace(file, &text(n))).await;
    }
    rig.edit("gone for a moment", async |file, n| {
        fs::remove_file(file).unwrap();
        pause(1000).await;
        fs::write(file, text(n)).unwrap();
    })
    .await;
}
