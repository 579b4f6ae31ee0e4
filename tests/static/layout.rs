//! Where things live, and what every manifest says.

use crate::tree::{Finding, Tree};
use std::process::Command;

/// The top level, beside dotfiles.
const TOP: [&str; 9] =
    ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "config", "fuzz", "ops-config", "ops-layer", "schema"];

fn misplaced(tree: &Tree) -> Vec<Finding> {
    let known = |name: &str| name.starts_with('.') || name == "tests" || TOP.contains(&name);
    let unknown = top(tree).into_iter().filter(|name| !known(name));
    unknown.map(|name| Finding::at(name, "has no place at the top level")).collect()
}

fn missing(tree: &Tree) -> Vec<Finding> {
    let absent = TOP.iter().chain(&["tests"]).filter(|name| !tree.root().join(name).exists());
    absent.map(|name| Finding::at(name, "belongs at the top level and is not there")).collect()
}

/// The names at the top level. What Git does not keep is nobody's business.
fn top(tree: &Tree) -> Vec<String> {
    let git = tree.root().join(".git").exists();
    let listed = git.then(|| Command::new("git").arg("ls-files").current_dir(tree.root()).output().ok()).flatten();
    let mut names: Vec<String> = if let Some(output) = listed.filter(|output| output.status.success()) {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().map(|path| path.split('/').next().unwrap_or(path).to_owned()).collect()
    } else {
        let entries = std::fs::read_dir(tree.root()).expect("a readable folder");
        let names = entries.map(|entry| entry.expect("a readable entry").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name != "target").collect()
    };
    names.sort_unstable();
    names.dedup();
    names
}

fn other_editions(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in tree.files("toml").into_iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let table = tree.manifest(&manifest.path);
        let edition = |holder: Option<&toml::Value>| holder.and_then(|holder| holder.get("edition")).cloned();
        let workspace = table.get("workspace").and_then(|workspace| workspace.get("package"));
        for found in [edition(table.get("package")), edition(workspace)].into_iter().flatten() {
            let inherits = found.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            if !inherits && found.as_str() != Some("2021") {
                findings.push(Finding::at(manifest.path.display(), format!("edition {found}, expected 2021")));
            }
        }
        if table.contains_key("package") && edition(table.get("package")).is_none() {
            findings.push(Finding::at(manifest.path.display(), "says no edition"));
        }
    }
    findings
}

mod tests {
    use super::{misplaced, missing, other_editions};
    use crate::tree::{assert_clean, places, Tree};

    #[test]
    fn everything_here_has_its_place() {
        let tree = Tree::repository();
        assert_clean(&misplaced(&tree));
        assert_clean(&missing(&tree));
    }

    #[test]
    fn every_crate_here_is_of_edition_2021() {
        assert_clean(&other_editions(&Tree::repository()));
        let packages = Tree::repository().packages();
        assert!(packages.len() >= 4 && packages.iter().all(|package| package["edition"] == "2021"));
    }

    #[test]
    fn a_stray_folder_and_a_missing_one_are_found() {
        let tree = Tree::planted(&[("utils/a.rs", ""), ("README.md", ""), (".ci/run", ""), ("target/debug/x", "")]);
        assert_eq!(places(&misplaced(&tree)), ["utils"]);
        assert!(places(&missing(&tree)).contains(&"fuzz") && !places(&missing(&tree)).contains(&"README.md"));
    }

    #[test]
    fn another_edition_is_found() {
        let tree = Tree::planted(&[
            ("Cargo.toml", "[workspace.package]\nedition = \"2024\""),
            ("a/Cargo.toml", "[package]\nname = \"a\"\nedition.workspace = true"),
            ("b/Cargo.toml", "[package]\nname = \"b\""),
            ("c/Cargo.toml", "[package]\nname = \"c\"\nedition = \"2021\""),
        ]);
        assert_eq!(places(&other_editions(&tree)), ["Cargo.toml", "b/Cargo.toml"]);
    }
}
