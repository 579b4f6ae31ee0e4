//! The example as a program of its own, as others run it.

use super::vector;
use serde_json::{json, Value};
use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// The whole workspace and a test are named so that Cargo unites the features of the dependencies as
/// `cargo test --workspace` does, and builds none of them twice.
fn program() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--example", "breaker_replay", "--test", "static"]);
    command.args(["--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder");
    let output = command.current_dir(root).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the example does not build");
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == "breaker_replay");
    let path = programs.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    path.expect("cargo says where the example is")
}

/// Its answers to these lines.
fn answers(lines: String) -> Vec<Value> {
    let mut command = Command::new(program());
    let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = program.stdin.take().expect("its input");
    let write = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = program.wait_with_output().expect("it ends");
    write.join().expect("no panic").expect("it reads all");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect()
}

#[test]
fn one_process_answers_all_vectors_one_after_the_other() {
    let vectors = vector::all();
    let steps: Vec<_> = vectors.iter().flat_map(|vector| &vector.steps).collect();
    let lines: Vec<_> = steps.iter().map(|step| step.request.as_str()).collect();
    let answers = answers(lines.join("\n"));
    assert_eq!(answers.len(), steps.len());
    for (step, answer) in steps.iter().zip(answers) {
        assert_eq!(answer, step.expected, "{}", step.place);
    }
}

#[test]
fn what_it_cannot_do_has_an_answer_and_it_goes_on() {
    let lines = [
        r#"{"op":"state"}"#,
        r#"{"op":"new","config":{"reset_timeout_ms":1000,"half_open_max_calls":0}}"#,
        r#"{"op":"new","config":{"no_such_key":1}}"#,
        r#"{"op":"new"}"#,
        r#"{"op":"levitate","by":2}"#,
        "",
        "no JSON",
        "\u{0}",
        r#"{"op":"begin"}"#,
        r#"{"op":"end","call":"a","outcome":"success"}"#,
        r#"{"op":"begin","call":"a"}"#,
        r#"{"op":"begin","call":"a"}"#,
        r#"{"op":"end","call":"a","outcome":"vanished"}"#,
        r#"{"op":"at","ms":1000}"#,
        r#"{"op":"at","ms":999}"#,
        r#"{"op":"at","ms":18446744073709551615}"#,
        r#"{"op":"end","call":"a","outcome":"success"}"#,
        r#"{"op":"state"}"#,
    ];
    let error = json!("error");
    let kinds = answers(lines.join("\n")).into_iter().map(|answer| {
        let is_error = answer["error"].as_str().is_some_and(|text| !text.is_empty());
        if is_error {
            error.clone()
        } else {
            answer
        }
    });
    let ok = json!({ "ok": true });
    let expected = [
        error.clone(),
        error.clone(),
        error.clone(),
        ok.clone(),
        json!({ "unsupported": true }),
        error.clone(),
        error.clone(),
        error.clone(),
        error.clone(),
        json!({ "admitted": true }),
        error.clone(),
        error.clone(),
        ok.clone(),
        error.clone(),
        error.clone(),
        ok,
        json!({ "state": "closed" }),
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
}
