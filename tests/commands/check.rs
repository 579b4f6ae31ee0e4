//! `ops check`.

use crate::run::Folder;
use insta::assert_snapshot;

const WRONG: &str = "version = 1\n[limits]\nmax_inflight = 8\nmode = \"of\"\n";

#[test]
fn everything_that_is_wrong_is_told_in_each_form() {
    let folder = Folder::with(WRONG);
    for format in ["human", "json", "github"] {
        assert_snapshot!(format!("check_{format}"), folder.ops(&["check", "--format", format]));
    }
}

#[test]
fn several_files_are_checked_each_on_its_own() {
    let folder = Folder::with("version = 1\n");
    folder.write("wrong.toml", WRONG);
    let ran = folder.ops(&["check", "ops.toml", "wrong.toml"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.starts_with("ops.toml: valid, sha256 ") && ran.out.ends_with("2 to fix\n"), "{ran}");
    let value = folder.ops(&["check", "ops.toml", "wrong.toml", "--format", "json"]).json();
    assert_eq!((&value["files"][0]["valid"], &value["files"][1]["valid"]), (&true.into(), &false.into()));
}

#[test]
fn a_pipe_is_checked_like_the_file_it_stands_for() {
    let folder = Folder::with("not looked at");
    let file = folder.ops_with(&["check", "-"], &[], "version = 1\n").good();
    assert!(file.starts_with("<stdin>: valid, sha256 "), "{file}");
    for (text, code) in [("", "OPS003"), ("# nothing\n", "OPS003"), ("version = ", "OPS006"), (WRONG, "OPS103")] {
        let ran = folder.ops_with(&["check", "-"], &[], text);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.out.contains(code) && ran.out.contains("--> <stdin>"), "{ran}");
    }
    let huge = "#".repeat((1 << 20) + 1);
    assert!(folder.ops_with(&["check", "-"], &[], &huge).out.contains("OPS005"));
}

#[test]
fn what_is_ignored_is_said_beside_the_answer() {
    let folder = Folder::with("version = 1\n");
    let ran = folder.ops_with(&["check"], &[("OTEL_TRACES_SAMPLER_ARG", "often")], "");
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.starts_with("warning: OTEL_TRACES_SAMPLER_ARG"), "{ran}");
    let value = folder.ops_with(&["check", "--format", "json"], &[("OTEL_TRACES_SAMPLER_ARG", "often")], "").json();
    assert_eq!(value["files"][0]["warnings"].as_array().map(Vec::len), Some(1));
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_no_text_is_checked_like_any_other() {
    use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};
    let folder = Folder::new();
    let name = OsStr::from_bytes(b"\xff.toml");
    for (text, code) in [("version = 1\n", 0), (WRONG, 1)] {
        fs::write(folder.path().join(name), text).expect("a file");
        for format in ["json", "human", "github"] {
            let output = folder.command(&["check", "--format", format]).arg(name).output().expect("it ends");
            assert_eq!(output.status.code(), Some(code), "{format}: {output:?}");
        }
    }
}
