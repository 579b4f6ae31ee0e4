//! Property 12: no source file above 500 lines, but a `mod.rs` that only delegates.

use crate::tree::{Finding, Source, Tree};
use syn::Item;

const LIMIT: usize = 500;

fn too_long(tree: &Tree) -> Vec<Finding> {
    let long = tree.sources().into_iter().filter(|source| source.text.lines().count() > LIMIT && !delegates(source));
    long.map(|source| source.finding(LIMIT + 1, format!("{} lines", source.text.lines().count()))).collect()
}

/// Whether it is a `mod.rs` that holds nothing but modules of other files and names taken from them.
fn delegates(source: &Source) -> bool {
    let item = |item: &Item| match item {
        Item::Mod(module) => module.content.is_none(),
        Item::Use(_) => true,
        _ => false,
    };
    source.path.ends_with("mod.rs") && source.syntax().items.iter().all(item)
}

mod tests {
    use super::too_long;
    use crate::tree::{assert_clean, places, Tree};

    /// Feature: production-excellence, Property 12: no source file above 500 lines.
    #[test]
    fn no_file_here_is_too_long() {
        assert_clean(&too_long(&Tree::repository()));
    }

    #[test]
    fn a_long_file_is_found_and_a_long_list_of_modules_is_not() {
        let long = "fn f() {}\n".repeat(501);
        let list = "mod a;\npub use a::B;\n".repeat(300);
        let tree = Tree::planted(&[
            ("a.rs", long.as_str()),
            ("b/mod.rs", long.as_str()),
            ("c/mod.rs", list.as_str()),
            ("d.rs", &long[10..]),
        ]);
        assert_eq!(places(&too_long(&tree)), ["a.rs:501", "b/mod.rs:501"]);
    }
}
