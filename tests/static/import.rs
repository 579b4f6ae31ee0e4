//! Modules use only what stands before them.
//!
//! The lists are the design: the flow of data from first to last. A name taken from the
//! crate's root would go around them, so that is found too.

use crate::tree::{bracketed, Finding, Source, Token, Tree};
use std::path::{Component, Path};

/// A crate whose modules have an order.
struct Order {
    /// Its folder of sources.
    sources: &'static str,
    /// Its modules, each using only those before it.
    modules: &'static [&'static str],
    /// Those of them that never use each other.
    apart: &'static [&'static str],
    /// Crates it never names.
    banned: &'static [&'static str],
}

const CRATES: [Order; 4] = [
    Order {
        sources: "ops-config/src",
        modules: &["value", "section", "diagnostic", "schema", "source", "check", "live", "watch", "reload"],
        apart: &[],
        banned: &["ops_layer", "tower", "sqlx", "opentelemetry", "axum", "hyper"],
    },
    Order {
        sources: "ops-layer/src",
        modules: &[
            "clock",
            "refusal",
            "call",
            "telemetry",
            "breaker",
            "limit",
            "timeout",
            "retry",
            "chaos",
            "pool",
            "probe",
            "shutdown",
            "stack",
            "admin",
            "runtime",
        ],
        apart: &["telemetry", "breaker", "limit", "timeout", "retry", "chaos", "pool", "probe", "shutdown"],
        banned: &["ops_cli"],
    },
    Order {
        sources: "ops-layer/cli/src",
        modules: &[
            "output",
            "input",
            "document",
            "running",
            "live",
            "check",
            "completions",
            "diff",
            "explain",
            "init",
            "schema",
            "show",
            "demo",
            "serve",
            "command",
        ],
        apart: &["check", "completions", "diff", "explain", "init", "schema", "show", "demo"],
        banned: &[],
    },
    Order {
        sources: "tests/src",
        modules: &[
            "outside",
            "program",
            "wait",
            "lines",
            "database",
            "client",
            "load",
            "scrape",
            "service",
            "footprint",
            "operator",
        ],
        apart: &[],
        // The real program is tried from outside.
        banned: &["ops_config", "ops_layer"],
    },
];

fn out_of_order(tree: &Tree, order: &Order) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        let Ok(path) = source.path.strip_prefix(order.sources) else { continue };
        let place = module(path);
        for (line, reach) in reaches(&source, &place) {
            findings.extend(order.fault(&place, &reach).map(|what| source.finding(line, what)));
        }
    }
    findings
}

/// The modules from the root that a file is.
fn module(path: &Path) -> Vec<String> {
    let path = path.with_extension("");
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    if names.last().is_some_and(|name| ["mod", "lib", "main"].contains(&name.as_str())) {
        names.pop();
    }
    names
}

/// What a path in the code begins with.
#[derive(Debug, PartialEq)]
enum Reach {
    /// Something in the root of this crate; `*` is everything.
    Root(String),
    /// Another crate, or a name in scope.
    Other(String),
    /// A module of the root is declared.
    Declared(String),
}

impl Order {
    fn fault(&self, place: &[String], reach: &Reach) -> Option<String> {
        let rank = |name: &str| self.modules.iter().position(|module| *module == name);
        match reach {
            Reach::Declared(name) => rank(name).is_none().then(|| format!("{name} has no place in the order")),
            Reach::Other(name) => self.banned.contains(&name.as_str()).then(|| format!("this crate never uses {name}")),
            Reach::Root(name) => {
                let own = place.first()?;
                let Some(theirs) = rank(name) else { return Some(format!("{name} is taken from the crate's root")) };
                let both_apart = [own, name].iter().all(|name| self.apart.contains(&name.as_str()));
                let late = rank(own).is_some_and(|own| theirs > own);
                (late || (both_apart && own != name)).then(|| format!("{own} never uses {name}"))
            }
        }
    }
}

/// What the paths of a file begin with, macros and all.
fn reaches(source: &Source, place: &[String]) -> Vec<(usize, Reach)> {
    let tokens = source.tokens();
    let mut found = Vec::new();
    // Inline modules around the token, by where each ends.
    let mut inside: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        inside.retain(|end| at < *end);
        let line = tokens[at].line;
        if tokens[at].is("mod") && tokens.get(at + 2).is_some_and(|token| token.is("{")) {
            inside.push(at + 2 + bracketed(&tokens[at + 2..]).len());
        } else if tokens[at].is("mod") && place.is_empty() && tokens.get(at + 2).is_some_and(|token| token.is(";")) {
            found.push((line, Reach::Declared(tokens[at + 1].text.clone())));
        }
        let (steps, next) = steps(&tokens, at);
        let reaches_root = steps.is_some_and(|up| up == 0 || up == place.len() + inside.len());
        if reaches_root {
            found.extend(firsts(&tokens[next..]).into_iter().map(|name| (line, Reach::Root(name))));
        } else if steps.is_none() && separates(&tokens, at + 1) && !follows(&tokens, at) {
            found.push((line, Reach::Other(tokens[at].text.clone())));
        }
        at = next.max(at + 1);
    }
    found
}

/// How many `super::` begin here, or 0 for `crate::`, and where they end.
fn steps(tokens: &[Token], start: usize) -> (Option<usize>, usize) {
    if tokens[start].is("crate") && separates(tokens, start + 1) {
        return (Some(0), start + 3);
    }
    let mut at = start;
    while tokens.get(at).is_some_and(|token| token.is("super")) && separates(tokens, at + 1) {
        at += 3;
    }
    (Some((at - start) / 3).filter(|up| *up > 0), at)
}

/// Whether `::` stands here.
fn separates(tokens: &[Token], at: usize) -> bool {
    tokens.get(at..at + 2).is_some_and(|pair| pair.iter().all(|token| token.is(":")))
}

/// Whether `::` stands before.
fn follows(tokens: &[Token], at: usize) -> bool {
    at >= 2 && separates(tokens, at - 2)
}

/// The name that stands here, or the first names of the group that does.
fn firsts(tokens: &[Token]) -> Vec<String> {
    let Some(first) = tokens.first() else { return Vec::new() };
    if !first.is("{") {
        return vec![first.text.clone()];
    }
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut begins = true;
    for token in bracketed(tokens) {
        if begins {
            names.push(token.text.clone());
            begins = false;
        }
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => begins = depth == 0,
            _ => {}
        }
    }
    names
}

mod tests {
    use super::{out_of_order, Order, CRATES};
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn every_module_here_uses_only_what_stands_before_it() {
        let tree = Tree::repository();
        for order in &CRATES {
            assert_clean(&out_of_order(&tree, order));
        }
    }

    #[test]
    fn every_crate_here_is_where_its_order_says() {
        let tree = Tree::repository();
        for order in &CRATES {
            let sources = tree.root().join(order.sources);
            assert!(sources.join("lib.rs").is_file() || sources.join("main.rs").is_file(), "{}", order.sources);
        }
    }

    const ORDER: Order = Order {
        sources: "src",
        modules: &["value", "left", "right", "stack"],
        apart: &["left", "right"],
        banned: &["sqlx"],
    };

    #[test]
    fn a_name_from_further_on_is_found_however_it_is_written() {
        let tree = Tree::planted(&[
            ("src/lib.rs", "mod left;\nmod right;\nmod stack;\nmod value;\npub use stack::S;"),
            ("src/value.rs", "use crate::left::L;\nfn f() -> super::stack::S { m!(crate::right::R) }"),
            ("src/left/mod.rs", "mod deep;\nuse crate::{value::{V, W}, stack::S};\nuse deep::D;"),
            ("src/left/deep.rs", "use super::super::stack::S;\nuse super::Own;\nuse crate::value::V;"),
            (
                "src/stack.rs",
                "use crate::{left::L, right::R};\nmod tests { use super::*; use super::super::value::V; }",
            ),
        ]);
        let expected =
            ["src/left/deep.rs:1", "src/left/mod.rs:2", "src/value.rs:1", "src/value.rs:2", "src/value.rs:2"];
        assert_eq!(places(&out_of_order(&tree, &ORDER)), expected);
    }

    #[test]
    fn a_mechanism_that_uses_another_is_found() {
        let tree = Tree::planted(&[("src/right.rs", "use crate::left::L;"), ("src/left.rs", "use crate::left::Own;")]);
        assert_eq!(places(&out_of_order(&tree, &ORDER)), ["src/right.rs:1"]);
    }

    #[test]
    fn a_way_around_the_order_is_found() {
        let tree = Tree::planted(&[
            ("src/lib.rs", "mod utils;"),
            ("src/value.rs", "use crate::S;\nuse super::*;\nfn f() { sqlx::query(); a::sqlx::b(); }"),
        ]);
        let expected = ["src/lib.rs:1", "src/value.rs:1", "src/value.rs:2", "src/value.rs:3"];
        assert_eq!(places(&out_of_order(&tree, &ORDER)), expected);
    }
}
