//! Which paths a route pattern means, and which of two says more.

use super::super::RoutePattern;
use proptest::{collection::vec, prelude::*};

fn route(text: &str) -> RoutePattern {
    text.parse().unwrap()
}

#[test]
fn a_pattern_means_these_paths_and_not_those() {
    for (pattern, paths, others) in [
        ("/", &["/"][..], &["", "/a", "//"][..]),
        ("/**", &["/", "/a", "/a/b/", "//", "*", ""], &[]),
        ("/items", &["/items"], &["/items/", "/item", "/itemss", "/items/1", "/Items", "items"]),
        ("/items/", &["/items/"], &["/items", "/items//", "/items/1"]),
        ("/items/*", &["/items/1", "/items/%20"], &["/items", "/items/", "/items/1/", "/items/1/2"]),
        ("/items/{id}", &["/items/1", "/items/{id}"], &["/items/", "/items/1/2"]),
        ("/items/{id}/parts", &["/items/1/parts"], &["/items//parts", "/items/1/2/parts"]),
        ("/api/**", &["/api", "/api/", "/api/a", "/api/a/b", "/api//"], &["/apis", "/ap", "/", "/x/api"]),
        ("/*/b/**", &["/a/b", "/x/b/c"], &["//b", "/b", "/a/c/b"]),
    ] {
        for path in paths {
            assert!(route(pattern).matches(path), "{pattern} should mean {path:?}");
        }
        for path in others {
            assert!(!route(pattern).matches(path), "{pattern} should not mean {path:?}");
        }
    }
}

#[test]
fn what_is_not_a_pattern_is_refused() {
    for wrong in
        ["", "items", "*", "//", "/a//b", "/**/a", "/a**", "/***", "//**", "/{", "/{}", "/{1}", "/a b", "/ä", "/a?b"]
    {
        assert!(wrong.parse::<RoutePattern>().is_err(), "{wrong:?}");
    }
}

#[test]
fn the_most_specific_pattern_comes_first() {
    let written = ["/**", "/a/**", "/a/*", "/*", "/a", "/a/b", "/a/b/**", "/*/b", "/"];
    let mut sorted = written.map(route);
    sorted.sort();
    let text: Vec<&str> = sorted.iter().map(RoutePattern::as_str).collect();
    assert_eq!(text, ["/a/b", "/a/b/**", "/*/b", "/a/*", "/", "/a", "/a/**", "/*", "/**"]);
}

/// What a pattern means, said as plainly as possible.
fn model(pattern: &str, path: &str) -> bool {
    let Some(pattern) = pattern.strip_suffix("/**") else {
        let (wanted, parts): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        return wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| fits(wanted, part));
    };
    let (wanted, parts): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.is_empty()
        || wanted.len() <= parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| fits(wanted, part))
}

fn fits(wanted: &str, part: &str) -> bool {
    let any = wanted == "*" || wanted.starts_with('{');
    if any {
        !part.is_empty()
    } else {
        wanted == part
    }
}

fn pattern() -> impl Strategy<Value = String> {
    "/((\\*|\\{id\\}|[ab]{1,2})/){0,3}(\\*\\*|\\*|\\{id\\}|[ab]{1,2})?"
}

proptest! {
    #[test]
    fn a_pattern_matches_as_the_model_says(text in pattern(), paths in vec("(/[ab]{0,2}){0,5}|[ab*]{0,2}", 20)) {
        for path in paths {
            prop_assert_eq!(route(&text).matches(&path), model(&text, &path), "{} {:?}", text, path);
        }
    }

    #[test]
    fn a_pattern_matches_what_is_made_from_it(text in pattern(), names in vec("[a-z0-9.]{1,5}", 4), rest in "(/[a-z]{0,3}){0,3}") {
        let mut names = names.into_iter().cycle();
        let fill = |part: &str| if fits(part, "a name nobody writes") { names.next().unwrap() } else { part.to_owned() };
        let path = match text.strip_suffix("/**") {
            Some(before) => before.split('/').map(fill).collect::<Vec<_>>().join("/") + &rest,
            None => text.split('/').map(fill).collect::<Vec<_>>().join("/"),
        };
        prop_assert!(route(&text).matches(&path), "{} {:?}", text, path);
    }

    #[test]
    fn the_order_of_patterns_is_one(texts in vec(pattern(), 3)) {
        let [a, b, c] = [0, 1, 2].map(|at| route(&texts[at]));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn a_pattern_that_says_less_comes_later(before in "(/[ab]{1,2}|/\\*){0,2}", literal in "[ab]{1,2}", after in "(/[ab]{1,2}|/\\*){0,2}") {
        let (exact, loose) = (format!("{before}/{literal}{after}"), format!("{before}/*{after}"));
        prop_assert!(route(&exact) < route(&loose));
        prop_assert!(route(&loose) < route(&format!("{before}/**")), "{}", loose);
    }
}
