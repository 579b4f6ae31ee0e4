//! Property 13: a regular expression is compiled once, in a `static`.

use crate::tree::{Finding, Source, Token, Tree};

/// What compiles one.
const COMPILERS: [&str; 4] = ["Regex", "RegexBuilder", "RegexSet", "RegexSetBuilder"];

fn compiled_in_passing(tree: &Tree) -> Vec<Finding> {
    tree.sources().iter().flat_map(in_source).collect()
}

fn in_source(source: &Source) -> Vec<Finding> {
    let tokens = source.tokens();
    let mut kept = Vec::new();
    let mut findings = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let Some(statement) = statement(&tokens, at) {
            kept.push(statement);
        }
        let compiles = COMPILERS.contains(&token.text.as_str())
            && tokens.get(at + 1).is_some_and(|token| token.is(":"))
            && tokens.get(at + 3).is_some_and(|token| token.is("new"));
        if compiles && !kept.iter().any(|kept| kept.contains(&at)) {
            findings.push(source.finding(token.line, "a regular expression is compiled each time the code runs"));
        }
    }
    findings
}

/// From `static NAME` to its semicolon, where one begins here. `'static` is no such place.
fn statement(tokens: &[Token], at: usize) -> Option<std::ops::Range<usize>> {
    let begins = tokens[at].is("static") && !tokens[..at].last().is_some_and(|before| before.is("'"));
    let mut depth = 0_usize;
    let end = tokens[at..].iter().position(|token| {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(";")
    });
    begins.then(|| at..at + end.unwrap_or(0))
}

mod tests {
    use super::compiled_in_passing;
    use crate::tree::{assert_clean, places, Tree};

    /// Feature: production-excellence, Property 13: every regex is compiled once, statically.
    #[test]
    fn no_pattern_here_is_compiled_in_passing() {
        assert_clean(&compiled_in_passing(&Tree::repository()));
    }

    #[test]
    fn a_pattern_in_a_function_is_found_and_one_in_a_static_is_not() {
        let tree = Tree::planted(&[
            ("a.rs", "fn f(s: &'static str) {\n  regex::Regex::new(s);\n}"),
            ("b.rs", "fn f() { m!(\n  RegexSet::new([])\n ); }"),
            ("c.rs", "static A: LazyLock<Regex> = LazyLock::new(|| { g(); Regex::new(\"a\").expect(\"a pattern\") });"),
        ]);
        assert_eq!(places(&compiled_in_passing(&tree)), ["a.rs:2", "b.rs:2"]);
    }
}
