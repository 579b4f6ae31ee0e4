//! What is promised is claimed by a test, and a property runs often enough to mean something.
//!
//! A claim is the tag in a comment above a test: its number and what must hold.

use crate::tree::{Finding, Source, Token, Tree};
use std::collections::BTreeSet;

const TAG: &str = "Feature: production-excellence, Property ";

/// Every property there is.
const NUMBERS: std::ops::RangeInclusive<u32> = 1..=26;

/// Those that hold by now.
const HELD: [u32; 24] = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26];

/// The fewest cases a property is tried with.
const FEWEST: u32 = 100;

/// The claims of a file: the line, and the number if it is one.
fn claims(source: &Source) -> Vec<(usize, Option<u32>)> {
    let lines = source.text.lines().enumerate();
    let tagged = lines.filter_map(|(at, line)| {
        let comment = line.trim_start().strip_prefix("///").or_else(|| line.trim_start().strip_prefix("//"))?;
        let (_, rest) = comment.split_once(TAG)?;
        let (number, says) = rest.split_once(':').unwrap_or((rest, ""));
        let number = number.parse().ok().filter(|number| NUMBERS.contains(number));
        Some((at + 1, number.filter(|_| !says.trim().is_empty())))
    });
    tagged.collect()
}

fn unclaimed(tree: &Tree, held: &[u32]) -> Vec<Finding> {
    let sources = tree.sources();
    let claimed: BTreeSet<u32> = sources.iter().flat_map(claims).filter_map(|(_, number)| number).collect();
    let missing = held.iter().filter(|number| !claimed.contains(number));
    missing.map(|number| Finding::at(format!("Property {number}"), "no test claims it")).collect()
}

fn malformed(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let bad = claims(&source).into_iter().filter(|(_, number)| number.is_none());
        findings
            .extend(bad.map(|(line, _)| source.finding(line, "a claim is a number from 1 to 26, a colon and words")));
    }
    findings
}

fn too_few_cases(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let tokens = source.tokens();
        let few = tokens.windows(3).filter(|row| cases(row).is_some_and(|cases| cases < FEWEST));
        findings.extend(few.map(|row| source.finding(row[0].line, format!("fewer than {FEWEST} cases"))));
    }
    findings
}

/// The number in `with_cases(N` or `cases: N`.
fn cases(row: &[Token]) -> Option<u32> {
    let says = (row[0].is("with_cases") && row[1].is("(")) || (row[0].is("cases") && row[1].is(":"));
    says.then(|| row[2].text.replace('_', "").parse().ok()).flatten()
}

mod tests {
    use super::{malformed, too_few_cases, unclaimed, HELD, TAG};
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn every_promise_here_is_claimed_by_a_test() {
        let tree = Tree::repository();
        assert_clean(&unclaimed(&tree, &HELD));
        assert_clean(&malformed(&tree));
        assert_clean(&too_few_cases(&tree));
    }

    #[test]
    fn a_promise_without_a_test_and_a_broken_claim_are_found() {
        let claim = |rest: &str| format!("/// {TAG}{rest}\n#[test]\nfn f() {{}}");
        let tree = Tree::planted(&[
            ("a.rs", &claim("3: nothing is lost.")),
            ("b.rs", &claim("27: there is no such.")),
            ("c.rs", &claim("4:")),
            ("d.rs", &format!("const TAG: &str = \"{TAG}\";")),
        ]);
        assert_eq!(places(&unclaimed(&tree, &[3, 4])), ["Property 4"]);
        assert_eq!(places(&malformed(&tree)), ["b.rs:1", "c.rs:1"]);
    }

    #[test]
    fn a_property_tried_too_seldom_is_found() {
        let tree = Tree::planted(&[
            ("a.rs", "proptest! {\n  #![proptest_config(ProptestConfig::with_cases(10))]\n}"),
            ("b.rs", "fn f() { ProptestConfig { cases: 99, ..d() }; }"),
            ("c.rs", "fn f() { ProptestConfig { cases: 1_000, ..d() }; let cases: [u8; 1] = [1]; }"),
        ]);
        assert_eq!(places(&too_few_cases(&tree)), ["a.rs:2", "b.rs:1"]);
    }
}
