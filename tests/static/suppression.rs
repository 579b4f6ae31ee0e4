//! Property 11: a lint is only suppressed with its reason beside it.
//!
//! The compiler holds this for what it compiles; this rule also reads what is behind a
//! `cfg`, inside a macro, in the fuzz targets and in the manifests.

use crate::tree::{attributes, bracketed, Finding, Source, Token, Tree};

/// How far above a line of a manifest its reason may stand.
const NEAR: usize = 3;

fn unexplained(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let tokens = source.tokens();
        let unexplained = attributes(&tokens).flat_map(suppressions).filter(|(_, held)| !has_reason(held));
        findings.extend(unexplained.map(|(at, _)| source.finding(at.line, "a lint is suppressed without a reason")));
    }
    for manifest in tree.files("toml").into_iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        findings.extend(unexplained_lines(&manifest));
    }
    findings
}

/// Each `allow(…)` and `expect(…)` of an attribute, also of one behind `cfg_attr`.
fn suppressions(attribute: &[Token]) -> Vec<(&Token, &[Token])> {
    let conditional = attribute[0].is("cfg_attr");
    let heads = if conditional { attribute } else { &attribute[..1] };
    let suppressing = heads.iter().enumerate().filter(|(_, token)| token.is("allow") || token.is("expect"));
    suppressing.map(|(at, token)| (token, bracketed(&attribute[at + 1..]))).collect()
}

fn has_reason(held: &[Token]) -> bool {
    held.windows(3).any(|row| row[0].is("reason") && row[1].is("=") && row[2].text.trim_matches('"').len() > 1)
}

fn unexplained_lines(manifest: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = manifest.text.lines().collect();
    let allowing = lines.iter().enumerate().filter(|(_, line)| line.contains("\"allow\""));
    let bare = allowing.filter(|(at, _)| !lines[at.saturating_sub(NEAR)..=*at].iter().any(|line| line.contains('#')));
    bare.map(|(at, _)| manifest.finding(at + 1, "a lint is allowed without a comment that says why")).collect()
}

mod tests {
    use super::unexplained;
    use crate::tree::{assert_clean, places, Tree};

    /// Feature: production-excellence, Property 11: every lint suppression has its reason.
    #[test]
    fn every_suppression_here_has_its_reason() {
        assert_clean(&unexplained(&Tree::repository()));
    }

    #[test]
    fn a_suppression_without_a_reason_is_found_wherever_it_stands() {
        let tree = Tree::planted(&[
            ("a.rs", "#![allow(dead_code)]\nfn f() {}"),
            ("b.rs", "#[expect(dead_code)]\nfn f() {}"),
            ("c.rs", "#[cfg_attr(test, allow(dead_code))]\nfn f() {}"),
            ("d.rs", "m! {\n  #[allow(dead_code, reason = \"\")]\n  fn f() {}\n}"),
            ("Cargo.toml", "[lints.clippy]\n\n\n\npedantic = \"allow\""),
        ]);
        assert_eq!(places(&unexplained(&tree)), ["a.rs:1", "b.rs:1", "c.rs:1", "d.rs:2", "Cargo.toml:5"]);
    }

    #[test]
    fn a_reason_is_accepted() {
        let tree = Tree::planted(&[
            ("a.rs", "#[expect(dead_code, reason = \"kept for the next release\")]\nfn f() { x.expect(\"y\"); }"),
            ("Cargo.toml", "[lints.clippy]\n# too noisy with generated code\npedantic = \"allow\""),
        ]);
        assert_clean(&unexplained(&tree));
    }
}
