//! `ops completions`.

use crate::run::Folder;
use ops_tests::outside::is_here;
use std::process::Command;

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

#[test]
fn each_script_parses_in_its_shell_and_knows_every_command() {
    let folder = Folder::new();
    for shell in SHELLS {
        let script = folder.ops(&["completions", shell]).good();
        for command in ["serve", "check", "explain", "show", "diff", "init", "schema", "completions"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
        folder.write(shell, &script);
        if is_here(shell) {
            let parsed = Command::new(shell).arg("-n").arg(folder.file(shell)).output().expect("the shell runs");
            assert!(parsed.status.success() && parsed.stderr.is_empty(), "{shell}: {parsed:?}");
        }
    }
    assert_eq!(folder.ops(&["completions", "tcsh"]).code, Some(2));
}

/// What bash offers for the last of these words.
fn offered(folder: &Folder, words: &[&str]) -> Vec<String> {
    let line = format!(
        "source ./bash; COMP_WORDS=({}); COMP_CWORD={}; _ops ops \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1,
    );
    let output = Command::new("bash").args(["--norc", "-c", &line]).current_dir(folder.path()).output();
    let output = output.expect("bash runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = Folder::new();
    folder.write("bash", &folder.ops(&["completions", "bash"]).good());
    assert_eq!(offered(&folder, &["ops", "ch"]), ["check"]);
    assert_eq!(offered(&folder, &["ops", "check", "--li"]), ["--live"]);
    assert_eq!(offered(&folder, &["ops", "check", "--format", "j"]), ["json"]);
    assert_eq!(offered(&folder, &["ops", "completions", "f"]), ["fish"]);
}

#[test]
fn fish_completes_commands_and_says_what_they_do() {
    if !is_here("fish") {
        return;
    }
    let folder = Folder::new();
    folder.write("ops.fish", &folder.ops(&["completions", "fish"]).good());
    let offered = |line: &str| {
        let asked = format!("source ./ops.fish; complete -C '{line}'");
        let mut shell = Command::new("fish");
        // It keeps a history and settings at home.
        let output = shell.args(["-N", "-c", &asked]).current_dir(folder.path()).env("HOME", folder.path()).output();
        String::from_utf8(output.expect("fish runs").stdout).expect("UTF-8")
    };
    assert!(offered("ops ch").starts_with("check\tCheck configurations"), "{}", offered("ops ch"));
    assert!(offered("ops check --li").starts_with("--live\t"), "{}", offered("ops check --li"));
}
