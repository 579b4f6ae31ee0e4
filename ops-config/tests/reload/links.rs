//! Files that are reached through symlinks and folders that change.

use crate::rig::{relink, replace, text, Rig};
use std::{fs, os::unix::fs::symlink};
use tempfile::tempdir;

#[tokio::test]
async fn a_link_that_points_elsewhere_is_followed() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("a")).unwrap();
    fs::create_dir(at("b")).unwrap();
    fs::write(at("a/one.toml"), text(1)).unwrap();
    fs::write(at("b/two.toml"), text(2)).unwrap();
    symlink("a/one.toml", at("ops.toml")).unwrap();

    let rig = Rig::on(&at("ops.toml")).await.unwrap();
    relink("b/two.toml", &at("ops.toml"));
    rig.until(2).await;
    replace(&at("b/two.toml"), &text(3));
    rig.until(3).await;
    fs::write(at("b/two.toml"), text(4)).unwrap();
    rig.until(4).await;
    replace(&at("a/one.toml"), &text(5));
    relink("a/one.toml", &at("ops.toml"));
    rig.until(5).await;
}

/// As the kubelet does it: a new folder, then `..data` swapped by a rename, then the old one removed.
#[tokio::test]
async fn a_config_map_is_followed_through_its_swaps() {
    let volume = tempdir().unwrap();
    let at = |name: &str| volume.path().join(name);
    let write = |n: u32| {
        let folder = format!("..2026_07_{n}");
        fs::create_dir(at(&folder)).unwrap();
        fs::write(at(&folder).join("ops.toml"), text(n)).unwrap();
        symlink(&folder, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    write(1);
    symlink("..data/ops.toml", at("ops.toml")).unwrap();

    let rig = Rig::on(&at("ops.toml")).await.unwrap();
    for n in 2..12 {
        write(n);
        fs::remove_dir_all(at(&format!("..2026_07_{}", n - 1))).unwrap();
        rig.until(n).await;
    }
    assert_eq!(rig.probe.built(), (1..12).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_replaced_folder_is_followed() {
    let parent = tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    fs::create_dir(at("etc")).unwrap();
    fs::write(at("etc/ops.toml"), text(1)).unwrap();
    let rig = Rig::on(&at("etc/ops.toml")).await.unwrap();
    for n in [2, 4, 6] {
        fs::create_dir(at("new")).unwrap();
        fs::write(at("new/ops.toml"), text(n)).unwrap();
        fs::rename(at("etc"), at("old")).unwrap();
        fs::rename(at("new"), at("etc")).unwrap();
        rig.until(n).await;
        replace(&at("etc/ops.toml"), &text(n + 1));
        rig.until(n + 1).await;
        fs::remove_dir_all(at("old")).unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_followed() {
    let parent = tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::write(at("a/b/ops.toml"), text(1)).unwrap();
    let rig = Rig::on(&at("a/b/ops.toml")).await.unwrap();
    for n in [2, 4, 6, 8] {
        fs::remove_dir_all(at("a")).unwrap();
        fs::create_dir_all(at("a/b")).unwrap();
        fs::write(at("a/b/ops.toml"), text(n)).unwrap();
        rig.until(n).await;
        fs::write(at("a/b/ops.toml"), text(n + 1)).unwrap();
        rig.until(n + 1).await;
    }
}

#[tokio::test]
async fn a_folder_reached_through_a_link_is_followed() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (release, n) in [("v1", 1), ("v2", 2)] {
        fs::create_dir(at(release)).unwrap();
        fs::write(at(release).join("ops.toml"), text(n)).unwrap();
    }
    symlink("v1", at("current")).unwrap();
    let rig = Rig::on(&at("current/ops.toml")).await.unwrap();
    relink("v2", &at("current"));
    rig.until(2).await;
    replace(&at("v2/ops.toml"), &text(3));
    rig.until(3).await;
}
