//! What is said of each thing that can stand where a configuration should.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod case;

use insta::assert_snapshot;
use ops_config::{check::check, diagnostic::Report, source::Sources};

/// More is said of some than anyone would read in a golden file.
const MAX_LINES: usize = 24;

fn message(case: &case::Case) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ops.toml");
    case.put(&path);
    let sources = Sources::from_file(&path);
    let judged: Result<_, Report> = sources.read().and_then(|texts| check(&sources, &texts));
    let report = judged.expect_err(case.name);
    let text = report.to_string().replace(folder.path().to_str().unwrap(), "config");
    let mut lines: Vec<String> = text.lines().map(shortened).collect();
    if lines.len() > MAX_LINES {
        let end = lines.split_off(lines.len() - 3);
        lines.truncate(MAX_LINES);
        lines.push("…".to_owned());
        lines.extend(end);
    }
    format!("==== {}, rejected at {}\n{}\n", case.name, report.stage, lines.join("\n"))
}

/// A key that is nested a hundred thousand times is a long one.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(240) {
        Some((at, _)) => format!("{} … {} more bytes", &line[..at], line.len() - at),
        None => line.to_owned(),
    }
}

#[test]
fn each_bad_input_has_its_message() {
    let messages: Vec<String> = case::all().iter().map(message).collect();
    assert_snapshot!(messages.join("\n"));
}
