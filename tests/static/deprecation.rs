//! Property 16: what is deprecated says what to use instead.

use crate::tree::{attributes, Finding, Token, Tree};

fn unguided(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let tokens = source.tokens();
        let deprecated = attributes(&tokens).filter(|attribute| attribute[0].is("deprecated"));
        let bare = deprecated.filter(|attribute| !has_note(attribute));
        findings
            .extend(bare.map(|attribute| source.finding(attribute[0].line, "deprecated, and nothing says for what")));
    }
    findings
}

/// Whether it holds `note = "…"`, or is the short form `deprecated = "…"`.
fn has_note(attribute: &[Token]) -> bool {
    let named = |token: &Token| token.is("note") || token.is("deprecated");
    attribute.windows(3).any(|row| named(&row[0]) && row[1].is("=") && row[2].text.trim_matches('"').len() > 1)
}

mod tests {
    use super::unguided;
    use crate::tree::{assert_clean, places, Tree};

    /// Feature: production-excellence, Property 16: every `#[deprecated]` says what to use.
    #[test]
    fn everything_deprecated_here_says_what_to_use() {
        assert_clean(&unguided(&Tree::repository()));
    }

    #[test]
    fn a_deprecation_without_a_note_is_found() {
        let tree = Tree::planted(&[
            ("a.rs", "#[deprecated]\nfn f() {}"),
            ("b.rs", "\n#[deprecated(since = \"1.0\")]\nfn f() {}"),
            ("c.rs", "#[deprecated(since = \"1.0\", note = \"use `g`\")]\nfn f() {}"),
            ("d.rs", "#[deprecated = \"use `g`\"]\nfn f() {}"),
        ]);
        assert_eq!(places(&unguided(&tree)), ["a.rs:1", "b.rs:2"]);
    }
}
