//! Every `ops.toml` in a document, and every sample, checks.
//!
//! A `toml` block of a Markdown file or of a doc comment is one, unless it is a manifest
//! of Cargo's. A block that shows only a part is read as if it said its version.

use crate::tree::{Finding, Source, Tree};
use ops_config::{
    check::check,
    source::{Sources, Texts},
};

/// What only a manifest of Cargo's holds.
const CARGO: [&str; 3] = ["[dependencies", "[package", "[workspace"];

fn faulty(tree: &Tree) -> Vec<Finding> {
    let documents = tree.files("md").into_iter().chain(tree.sources());
    let mut findings: Vec<Finding> = documents.flat_map(|document| faulty_blocks(&document)).collect();
    for sample in tree.files("toml").into_iter().filter(|file| file.path.starts_with("config")) {
        findings.extend(fault(&sample.text).map(|what| sample.finding(1, what)));
    }
    findings
}

fn faulty_blocks(document: &Source) -> Vec<Finding> {
    let blocks = blocks(document).into_iter().filter(|(_, text)| !CARGO.iter().any(|only| text.contains(only)));
    let faults = blocks.filter_map(|(line, text)| fault(&whole(text)).map(|what| document.finding(line, what)));
    faults.collect()
}

/// Each block with the line its fence is in.
fn blocks(document: &Source) -> Vec<(usize, String)> {
    let is_code = document.path.extension().is_some_and(|ending| ending == "rs");
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in document.text.lines().enumerate() {
        let comment = line.trim_start();
        let said = comment.strip_prefix("///").or_else(|| comment.strip_prefix("//!"));
        let Some(line) = (if is_code { said } else { Some(line) }) else {
            open = None;
            continue;
        };
        match (line.trim(), &mut open) {
            ("```toml", None) => open = Some((at + 1, String::new())),
            ("```", Some(_)) => blocks.extend(open.take()),
            (_, Some((_, text))) => *text = format!("{text}{line}\n"),
            _ => {}
        }
    }
    blocks
}

/// A block with its version.
fn whole(text: String) -> String {
    let says = text.lines().any(|line| line.trim_start().starts_with("version"));
    if says {
        text
    } else {
        format!("version = 1\n{text}")
    }
}

/// What is wrong with a text as an `ops.toml`, first of all.
fn fault(text: &str) -> Option<String> {
    let sources = Sources::from_file("ops.toml");
    let checked = Texts::from_bytes("ops.toml", text.as_bytes().to_vec()).and_then(|texts| check(&sources, &texts));
    let report = checked.err()?;
    let first = report.violations.first().expect("refused for a reason");
    Some(format!("{} at {}: expected {}", first.key, first.origin, first.expected))
}

mod tests {
    use super::faulty;
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn every_configuration_shown_here_checks() {
        assert_clean(&faulty(&Tree::repository()));
    }

    #[test]
    fn a_configuration_that_does_not_check_is_found_wherever_it_is_shown() {
        let tree = Tree::planted(&[
            ("README.md", "text\n```toml\nversion = 1\nno_such_section = 1\n```\n"),
            ("docs/good.md", "```toml\n[limits]\nmax_in_flight = 3\n```\n```toml\n[dependencies]\nops = \"1\"\n```\n"),
            ("src/lib.rs", "//! ```toml\n//! [limits]\n//! max_in_flight = 0\n//! ```\nfn f() {}"),
            ("config/bad.toml", "[limits]\nmax_in_flight = 3"),
        ]);
        assert_eq!(places(&faulty(&tree)), ["README.md:2", "src/lib.rs:1", "config/bad.toml:1"]);
    }
}
