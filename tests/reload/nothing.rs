//! What changes nothing.

use crate::rig::{replace, text, Rig};
use libtest_mimic::Trial;
use ops_tests::outside::{needs, succeed, Need::Program};
use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{chown, PermissionsExt},
    time::SystemTime,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[], "nothing::the_same_content_again_is_no_reload", same),
        needs(&[Program("touch")], "nothing::attributes_are_no_reload", attributes),
        needs(&[], "nothing::other_files_of_the_folder_are_no_reload", others),
    ]
}

async fn same() {
    let rig = Rig::start().await;
    let text = text(rig.n);
    rig.is_nothing("in place", |file| fs::write(file, &text).unwrap()).await;
    rig.is_nothing("by a rename", |file| replace(file, &text)).await;
    rig.is_nothing("by cp", |file| {
        fs::copy(file, file.with_extension("copy")).unwrap();
        fs::copy(file.with_extension("copy"), file).unwrap();
    })
    .await;
    rig.is_nothing("opened and closed", |file| drop(File::options().append(true).open(file).unwrap())).await;
}

async fn attributes() {
    let rig = Rig::start().await;
    rig.is_nothing("touch", |file| succeed("touch", [file])).await;
    rig.is_nothing("an old date", |file| {
        File::options().append(true).open(file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    })
    .await;
    for mode in [0o600, 0o640, 0o755] {
        rig.is_nothing("chmod", |file| fs::set_permissions(file, Permissions::from_mode(mode)).unwrap()).await;
    }
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    rig.is_nothing("chown", |file| chown(file, Some(user), Some(group)).unwrap()).await;
    rig.is_nothing("an extended attribute", |file| {
        // Not every file system has them.
        let _ = rustix::fs::setxattr(file, "user.ops", b"1", rustix::fs::XattrFlags::empty());
    })
    .await;
    rig.is_nothing("another name", |file| fs::hard_link(file, file.with_extension("link")).unwrap()).await;
    rig.is_nothing("one name less", |file| fs::remove_file(file.with_extension("link")).unwrap()).await;
}

async fn others() {
    let rig = Rig::start().await;
    rig.is_nothing("swap files and backups", |file| {
        for name in [".ops.toml.swp", "ops.toml~", "4913", "#ops.toml#", ".#ops.toml"] {
            let path = file.with_file_name(name);
            fs::write(&path, "no configuration").unwrap();
            fs::remove_file(&path).unwrap();
        }
        fs::create_dir(file.with_extension("d")).unwrap();
    })
    .await;
}
