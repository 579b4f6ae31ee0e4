//! A log line is a fixed event with fields: a name that machines can look for, a message that
//! never changes, and whatever varies in fields of their own.

use crate::tree::{bracketed, Finding, Source, Token, Tree};

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

fn unnamed(tree: &Tree) -> Vec<Finding> {
    let shipped = tree.sources().into_iter().filter(is_shipped);
    shipped.flat_map(|source| in_source(&source)).collect()
}

/// Whether a file is part of what users run.
fn is_shipped(source: &Source) -> bool {
    let mut folders = source.path.iter();
    let of_a_crate =
        source.path.iter().any(|part| part == "src") && source.path.iter().next() != Some("tests".as_ref());
    of_a_crate && !folders.any(|part| part == "tests" || part == "tests.rs")
}

fn in_source(source: &Source) -> Vec<Finding> {
    let tokens = source.tokens();
    // Tests within the file come last.
    let end = tokens.windows(3).position(|row| row[0].is("mod") && row[1].is("tests") && row[2].is("{"));
    let tokens = &tokens[..end.unwrap_or(tokens.len())];
    let mut findings = Vec::new();
    for (at, row) in tokens.windows(6).enumerate() {
        let logs = row[0].is("tracing") && LEVELS.contains(&row[3].text.as_str()) && row[4].is("!") && row[5].is("(");
        if !logs {
            continue;
        }
        let arguments = bracketed(&tokens[at + 5..]);
        if !is_named(arguments) {
            findings.push(source.finding(row[3].line, "an event without a name, as in `name: \"pool.closed\"`"));
        } else if !has_fixed_message(arguments) {
            findings.push(source.finding(row[3].line, "an event whose last argument is not a fixed message"));
        }
    }
    findings
}

/// Whether it begins with `name: "area.event"`.
fn is_named(arguments: &[Token]) -> bool {
    let [name, colon, literal, ..] = arguments else { return false };
    let text = literal.text.trim_matches('"');
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    name.is("name") && colon.is(":") && text.contains('.') && text.split('.').all(is_part)
}

fn has_fixed_message(arguments: &[Token]) -> bool {
    arguments.last().is_some_and(|last| last.text.starts_with('"') && !last.text.contains('{'))
}

mod tests {
    use super::unnamed;
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn every_event_here_has_its_name_and_a_fixed_message() {
        assert_clean(&unnamed(&Tree::repository()));
    }

    #[test]
    fn an_event_in_prose_is_found() {
        let tree = Tree::planted(&[
            ("a/src/a.rs", "fn f() {\n  tracing::info!(\"took {n}\");\n}"),
            ("a/src/b.rs", "fn f() { tracing::warn!(name: \"pool.closed\", pool, \"{pool} closed\"); }"),
            ("a/src/c.rs", "fn f() { tracing::warn!(name: \"Pool\", \"closed\"); }"),
            ("a/src/d.rs", "fn f() { tracing::warn!(name: \"pool.closed\", pool, \"closed\"); }\nmod tests { fn f() { tracing::info!(1); } }"),
            ("a/src/tests.rs", "fn f() { tracing::info!(\"said\"); }"),
        ]);
        assert_eq!(places(&unnamed(&tree)), ["a/src/a.rs:2", "a/src/b.rs:1", "a/src/c.rs:1"]);
    }
}
