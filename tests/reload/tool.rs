//! Programs that put a file in its place.

use crate::rig::{text, word, Rig};
use libtest_mimic::Trial;
use ops_tests::outside::{needs, succeed, Need::Program};
use std::{fs, path::Path};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[Program("cp")], "tool::cp_takes_effect_once", cp),
        needs(&[Program("mv")], "tool::mv_takes_effect_once", mv),
        needs(&[Program("install")], "tool::install_takes_effect_once", install),
        needs(&[Program("sh"), Program("tee")], "tool::the_shell_and_tee_take_effect_once", shell),
        needs(&[Program("sed")], "tool::sed_takes_effect_once", sed),
        needs(&[Program("dd")], "tool::dd_takes_effect_once", dd),
        needs(&[Program("rsync")], "tool::rsync_takes_effect_once", rsync),
        needs(&[Program("git")], "tool::a_checkout_takes_effect_once", git),
    ]
}

/// The next text, in a file beside the one that is read.
fn beside(file: &Path, n: u32) -> String {
    let path = file.with_extension("next");
    fs::write(&path, text(n)).unwrap();
    word(&path).to_owned()
}

async fn cp() {
    let mut rig = Rig::start().await;
    for option in ["--force", "--remove-destination", "--backup", "--preserve"] {
        rig.edit_by(option, |file, n| succeed("cp", [option, &beside(file, n), word(file)])).await;
    }
}

/// On one file system by renaming, from another by copying.
async fn mv() {
    let mut rig = Rig::start().await;
    for option in ["--force", "--backup"] {
        rig.edit_by(option, |file, n| succeed("mv", [option, &beside(file, n), word(file)])).await;
    }
    let shm = Path::new("/dev/shm");
    if let Ok(folder) = tempfile::tempdir_in(shm) {
        rig.edit_by("from another file system", |file, n| {
            let next = folder.path().join("next");
            fs::write(&next, text(n)).unwrap();
            succeed("mv", [word(&next), word(file)]);
        })
        .await;
    }
}

async fn install() {
    let mut rig = Rig::start().await;
    rig.edit_by("install", |file, n| succeed("install", ["--mode", "644", &beside(file, n), word(file)])).await;
}

async fn shell() {
    let mut rig = Rig::start().await;
    let halves = "head -n 12 \"$1\"; sleep 0.3; tail -n +13 \"$1\"";
    for script in [
        "cat \"$1\" > \"$2\"".to_owned(),
        "tee \"$2\" < \"$1\" > /dev/null".to_owned(),
        format!("{{ {halves}; }} > \"$2\""),
        format!("{{ {halves}; }} | tee \"$2\" > /dev/null"),
        format!("rm \"$2\"; {{ {halves}; }} > \"$2\""),
    ] {
        rig.edit_by(&script, |file, n| succeed("sh", ["-euc", &script, "sh", &beside(file, n), word(file)])).await;
    }
}

async fn sed() {
    let mut rig = Rig::start().await;
    for option in ["--in-place", "--in-place=.bak"] {
        rig.edit_by(option, |file, n| {
            succeed("sed", [option, &format!("s/{}/{n}/", n - 1), word(file)]);
        })
        .await;
    }
}

/// Over the old content, without truncating it: half way it is neither the one nor the other, and
/// as long as both.
async fn dd() {
    let mut rig = Rig::start().await;
    for size in ["bs=1", "bs=100", "bs=4096"] {
        rig.edit_by(size, |file, n| {
            let (from, to) = (format!("if={}", beside(file, n)), format!("of={}", word(file)));
            succeed("dd", [&from, &to, size, "conv=notrunc", "status=none"]);
        })
        .await;
    }
}

async fn rsync() {
    let mut rig = Rig::start().await;
    for options in
        [&["--whole-file"][..], &["--inplace"], &["--inplace", "--no-whole-file"], &["--delay-updates"], &["--backup"]]
    {
        rig.edit_by(&options.join(" "), |file, n| {
            let next = beside(file, n);
            succeed("rsync", options.iter().copied().chain(["--ignore-times", &next, word(file)]));
        })
        .await;
    }
}

/// A deployment by git: another branch, a file of another branch, the work of before.
async fn git() {
    let mut rig = Rig::start().await;
    let folder = word(rig.folder()).to_owned();
    let git = |arguments: &[&str]| {
        let identity =
            ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "core.hooksPath="];
        succeed("git", ["-C", &folder].into_iter().chain(identity).chain(arguments.iter().copied()));
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "ops.toml"]);
    git(&["commit", "--quiet", "--message=1000"]);
    rig.edit_by("an edit", |file, n| {
        git(&["checkout", "--quiet", "-b", "next"]);
        fs::write(file, text(n)).unwrap();
    })
    .await;
    git(&["commit", "--quiet", "--all", "--message=1001"]);

    let mut back = async |how: &str, arguments: &[&str], n: u32| {
        rig.n = n - 1;
        rig.edit_by(how, |_, _| git(arguments)).await;
    };
    back("a branch", &["checkout", "--quiet", "main"], 1000).await;
    back("a file of another branch", &["checkout", "--quiet", "next", "--", "ops.toml"], 1001).await;
    back("what is thrown away", &["reset", "--quiet", "--hard"], 1000).await;
    back("a merge", &["merge", "--quiet", "next"], 1001).await;
}
