//! Exit codes, colours, readers that go away.

use crate::run::Folder;
use std::{
    fs::File,
    io::{BufRead, BufReader},
};

const WRONG: &str = "version = 1\n[limits]\nmode = \"of\"\n";

#[test]
fn each_command_ends_with_0_1_or_2_as_its_help_says() {
    let good = Folder::with("version = 1\n");
    let wrong = Folder::with(WRONG);
    let none = Folder::new();
    for (folder, arguments, code) in [
        (&good, ["check"].as_slice(), 0),
        (&wrong, &["check"], 1),
        (&none, &["check"], 1),
        (&none, &["check", "--format", "xml"], 2),
        (&good, &["show"], 0),
        (&wrong, &["show"], 1),
        (&good, &["show", "--set", "limits.mode"], 2),
        (&good, &["diff", "ops.toml", "ops.toml"], 0),
        (&wrong, &["diff", "ops.toml", "ops.toml"], 1),
        (&good, &["diff"], 2),
        (&good, &["diff", "-", "-"], 2),
        (&good, &["check", "-", "-"], 2),
        (&none, &["explain", "limits"], 0),
        (&none, &["explain", "nothing.like.it"], 1),
        (&none, &["explain", "a", "b"], 2),
        (&none, &["init", "new.toml"], 0),
        (&good, &["init", "ops.toml"], 1),
        (&none, &["init", "--force"], 2),
        (&none, &["schema"], 0),
        (&none, &["schema", "--check"], 1),
        (&none, &["schema", "--check", "--write"], 2),
        (&none, &["completions", "bash"], 0),
        (&none, &["completions"], 2),
        (&wrong, &["serve"], 1),
        (&none, &["serve", "now"], 2),
        (&wrong, &[], 1),
        (&wrong, &["--set", "limits.mode=of"], 1),
        (&good, &["--set", "limits.mode=off", "check"], 2),
        (&none, &["srve"], 2),
    ] {
        let ran = folder.ops(arguments);
        assert_eq!(ran.code, Some(code), "{ran}");
        assert!(code != 2 || (ran.out.is_empty() && ran.err.contains("error: ")), "{ran}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_command_quietly() {
    let folder = Folder::with("version = 1\n");
    for arguments in
        [["schema"].as_slice(), &["show"], &["explain"], &["init", "-"], &["completions", "bash"], &["check"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = folder.command(arguments);
        // Gone before a byte is written.
        drop(reader);
        let output = command.stdout(writer).output().expect("the program ends");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()), "{arguments:?}");
    }
    let mut child = folder.command(&["schema"]).spawn().expect("the program starts");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("its output is ours")).read_line(&mut first).expect("a line");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((first.as_str(), output.status.code(), output.stderr.len()), ("{\n", Some(0), 0), "like `| head -1`");
}

#[test]
fn an_answer_that_is_lost_is_no_success() {
    let folder = Folder::with("version = 1\n");
    for arguments in [["show"].as_slice(), &["check"], &["schema"], &["explain"]] {
        let full = File::options().write(true).open("/dev/full").expect("the device that is always full");
        let output = folder.command(arguments).stdout(full).output().expect("the program ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with("error: cannot write: "), "{arguments:?}: {said}");
    }
}

#[test]
fn colours_come_when_forced_and_never_against_no_color() {
    let folder = Folder::with(WRONG);
    folder.write("other.toml", "version = 1\n[limits]\nmax_in_flight = 5\n");
    folder.write("good.toml", "version = 1\n");
    let coloured = |arguments: &[&str], variables: &[(&str, &str)], keep: bool| {
        let mut command = folder.command(arguments);
        if !keep {
            command.env_remove("NO_COLOR");
        }
        let output = command.envs(variables.iter().copied()).output().expect("the program ends");
        [output.stdout, output.stderr].concat().contains(&0x1b)
    };
    let force = [("CLICOLOR_FORCE", "1")];
    for arguments in [
        ["check"].as_slice(),
        &["explain", "limits"],
        &["diff", "good.toml", "other.toml"],
        &["--help"],
        &["show"],
        &["nonsense"],
    ] {
        assert!(!coloured(arguments, &[], false), "a pipe is no terminal: {arguments:?}");
        assert!(!coloured(arguments, &force, true), "NO_COLOR: {arguments:?}");
        assert!(coloured(arguments, &force, false), "CLICOLOR_FORCE: {arguments:?}");
    }
    assert!(!coloured(&["check", "--format", "json"], &force, false), "programs want none");
}
