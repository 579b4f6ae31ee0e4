//! Editors, each as people have them set.

use crate::rig::{word, Rig};
use libtest_mimic::Trial;
use ops_tests::outside::{needs, run, succeed, Need::Program};
use std::{
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[Program("vim")], "editor::vim_takes_effect_once", vim),
        needs(&[Program("emacs")], "editor::emacs_takes_effect_once", emacs),
        needs(&[Program("nano"), Program("script")], "editor::nano_takes_effect_once", nano),
    ]
}

/// `backupcopy` says whether the file is renamed or rewritten, the others whether a backup is made
/// meanwhile and whether it stays.
async fn vim() {
    let mut rig = Rig::start().await;
    for backup in ["backup writebackup", "nobackup writebackup", "nobackup nowritebackup"] {
        for copy in ["yes", "no", "auto"] {
            let set = format!("set nocompatible {backup} backupcopy={copy}");
            rig.edit_by(&set, |file, n| {
                let mut command = Command::new("vim");
                command.args(["-u", "NONE", "-i", "NONE", "-es", "-c", &set, "-c", &format!("%s/{}/{n}/", n - 1)]);
                let (output, said) = run(command.args(["-c", "wq"]).arg(file));
                assert!(output.status.success(), "{said}");
            })
            .await;
        }
    }
}

/// By default the file is renamed to its backup and written anew: for a moment there is none.
async fn emacs() {
    let mut rig = Rig::start().await;
    for set in [
        "(setq make-backup-files t)",
        "(setq make-backup-files t backup-by-copying t)",
        "(setq make-backup-files nil)",
        "(setq make-backup-files nil file-precious-flag t)",
    ] {
        rig.edit_by(set, |file, n| {
            // What is below /tmp gets no backup otherwise.
            let edit = format!(
                "(progn (setq backup-enable-predicate (lambda (_) t)) {set} \
                 (while (search-forward \"{}\" nil t) (replace-match \"{n}\")) (save-buffer))",
                n - 1
            );
            succeed("emacs", ["-Q", "--batch", word(file), "--eval", &edit]);
        })
        .await;
    }
}

/// It wants a terminal, and somebody who types. What the screen shows already it does not write
/// again, so that only words are waited for that nothing before had in that place.
async fn nano() {
    let mut rig = Rig::start().await;
    for option in ["", "--backup"] {
        rig.edit_by(option, |file, n| type_into_nano(file, option, n)).await;
    }
}

fn type_into_nano(file: &Path, option: &str, n: u32) {
    // `timeout` below a shell that waits for it makes a group of its own, which the terminal then
    // stops at the first word: `exec` leaves no shell, whichever one the machine prefers.
    let line = format!("exec timeout 60 nano --ignorercfiles {option} '{}'", word(file));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.env("TERM", "xterm").env("SHELL", "/bin/sh");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut until = |what: &str| {
        let mut part = [0; 4096];
        while !String::from_utf8_lossy(&shown).contains(what) {
            let read = screen.read(&mut part).unwrap();
            assert_ne!(read, 0, "nano ended before it showed {what}: {}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&part[..read]);
        }
        shown.clear();
    };
    let mut press = |text: &str| keys.write_all(text.as_bytes()).and_then(|()| keys.flush()).unwrap();
    // Search and replace all, write out, and leave.
    until("max_in_flight");
    press("\x1c");
    until("Search (to replace)");
    press(&format!("{}\r", n - 1));
    until("Replace with");
    press(&format!("{n}\r"));
    until("this instance");
    press("a");
    until("occurrence");
    press("\x0f");
    until("File Name to Write");
    press("\r");
    until(" lines");
    press("\x18");
    assert!(child.wait().unwrap().success());
}
