//! Properties 14 and 15: there is no `unsafe`, so none lacks its fuzz target or its comment.
//!
//! The compiler forbids it wherever the workspace's lints reach; the rule shows that they
//! reach every crate, and reads what they do not reach.

use crate::tree::{Finding, Tree};

fn unsafe_code(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let tokens = source.tokens();
        let found = tokens.iter().filter(|token| token.is("unsafe"));
        findings.extend(found.map(|token| source.finding(token.line, "unsafe code")));
    }
    findings
}

fn not_forbidden(tree: &Tree) -> Vec<Finding> {
    let forbids = |lints: Option<&toml::Value>| lint(lints, "unsafe_code") == Some("forbid");
    let root = tree.manifest("Cargo.toml");
    let mut findings = Vec::new();
    if !forbids(root.get("workspace").and_then(|workspace| workspace.get("lints"))) {
        findings.push(Finding::at("Cargo.toml", "the workspace does not forbid unsafe code"));
    }
    for manifest in tree.files("toml").into_iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let table = tree.manifest(&manifest.path);
        let lints = table.get("lints");
        let inherits = lints.and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) == Some(true);
        if table.contains_key("package") && !inherits && !forbids(lints) {
            findings.push(Finding::at(manifest.path.display(), "the crate does not take the workspace's lints"));
        }
    }
    findings
}

/// The level of a rustc lint, written short or long.
fn lint<'t>(lints: Option<&'t toml::Value>, name: &str) -> Option<&'t str> {
    let lint = lints?.get("rust")?.get(name)?;
    lint.as_str().or_else(|| lint.get("level")?.as_str())
}

mod tests {
    use super::{not_forbidden, unsafe_code};
    use crate::tree::{assert_clean, places, Tree};

    /// Feature: production-excellence, Property 14: every `unsafe` block is reached by a fuzz target.
    /// Feature: production-excellence, Property 15: every `unsafe` block has its SAFETY comment.
    #[test]
    fn there_is_no_unsafe_code_here() {
        let tree = Tree::repository();
        assert_clean(&unsafe_code(&tree));
        assert_clean(&not_forbidden(&tree));
    }

    #[test]
    fn unsafe_code_is_found_in_a_macro_too() {
        let tree =
            Tree::planted(&[("a.rs", "fn f() {\n  unsafe { g() }\n}"), ("b.rs", "m! { unsafe impl A for B {} }")]);
        assert_eq!(places(&unsafe_code(&tree)), ["a.rs:2", "b.rs:1"]);
    }

    #[test]
    fn a_crate_that_goes_its_own_way_is_found() {
        let tree = Tree::planted(&[
            ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"warn\""),
            ("a/Cargo.toml", "[package]\nname = \"a\""),
            ("b/Cargo.toml", "[package]\nname = \"b\"\n[lints]\nworkspace = true"),
            ("c/Cargo.toml", "[package]\nname = \"c\"\n[lints.rust]\nunsafe_code = { level = \"forbid\" }"),
        ]);
        assert_eq!(places(&not_forbidden(&tree)), ["Cargo.toml", "a/Cargo.toml"]);
    }
}
