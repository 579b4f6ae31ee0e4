//! Nothing half done is left in the code.

use crate::tree::{Finding, Tree};

/// Macros that stand for work not done, or for a look at a value in passing.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

fn leftovers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let tokens = source.tokens();
        let called = |name: &str| UNFINISHED.contains(&name);
        let found = tokens.windows(3).filter(|row| called(&row[0].text) && row[1].is("!") && !row[2].is("="));
        findings.extend(found.map(|row| source.finding(row[0].line, format!("{}! is left here", row[0].text))));
    }
    findings
}

mod tests {
    use super::leftovers;
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn nothing_half_done_is_left_here() {
        assert_clean(&leftovers(&Tree::repository()));
    }

    #[test]
    fn a_leftover_is_found_in_a_macro_too() {
        let tree = Tree::planted(&[
            ("a.rs", "fn f() {\n  todo!()\n}"),
            ("b.rs", "fn f() { m!(std::unimplemented!(\"later\")) }"),
            ("c.rs", "fn f() { dbg!(1); }"),
            ("d.rs", "fn todo() -> bool { dbg != 1 }"),
        ]);
        assert_eq!(places(&leftovers(&tree)), ["a.rs:2", "b.rs:1", "c.rs:1"]);
    }
}
