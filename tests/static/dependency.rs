//! Properties 17 and 18: a dependency that is declared is used, and one that several crates
//! use is declared once.
//!
//! Used means that its name stands in the code: where programs, examples and tests live for
//! one that only they may use, in `src` for the rest. A dependency kept for the features it
//! turns on is named in `package.metadata.cargo-machete.ignored`, as that tool has it.

use crate::tree::{Finding, Tree};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A package and what may be said about its dependencies.
struct Package {
    name: String,
    folder: PathBuf,
    dependencies: Vec<Dependency>,
    kept: Vec<String>,
}

struct Dependency {
    name: String,
    /// As the code spells it.
    ident: String,
    /// Only programs of the developer use it.
    dev: bool,
}

fn packages(tree: &Tree) -> Vec<Package> {
    tree.packages().iter().map(|package| Package::new(tree, package)).collect()
}

impl Package {
    fn new(tree: &Tree, package: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().expect("a manifest has a folder");
        let dependency = |value: &Value| Dependency {
            name: text(&value["name"]),
            ident: value["rename"].as_str().unwrap_or(&text(&value["name"])).replace('-', "_"),
            dev: value["kind"] == "dev",
        };
        Self {
            name: text(&package["name"]),
            folder: tree.relative(folder).to_owned(),
            dependencies: list(&package["dependencies"]).iter().map(dependency).collect(),
            kept: list(&package["metadata"]["cargo-machete"]["ignored"]).iter().map(text).collect(),
        }
    }
}

/// Every name that stands in the sources of each package: in `src`, and anywhere.
fn names(tree: &Tree, packages: &[Package]) -> BTreeMap<PathBuf, (BTreeSet<String>, BTreeSet<String>)> {
    let mut names: BTreeMap<PathBuf, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for source in tree.sources() {
        // A package may stand within another: the innermost owns the file, if it is one of the workspace.
        let is_package = |folder: &&Path| tree.root().join(folder).join("Cargo.toml").is_file();
        let folder = source.path.ancestors().skip(1).find(is_package);
        let Some(owner) = packages.iter().find(|package| Some(package.folder.as_path()) == folder) else { continue };
        let (shipped, all) = names.entry(owner.folder.clone()).or_default();
        let ships = source.path.starts_with(owner.folder.join("src")) || source.path.ends_with("build.rs");
        for token in source.tokens() {
            if ships {
                shipped.insert(token.text.clone());
            }
            all.insert(token.text);
        }
    }
    names
}

fn unused(tree: &Tree) -> Vec<Finding> {
    let packages = packages(tree);
    let names = names(tree, &packages);
    let mut findings = Vec::new();
    let mut declared = BTreeSet::new();
    for package in &packages {
        let (shipped, all) = names.get(&package.folder).cloned().unwrap_or_default();
        for dependency in &package.dependencies {
            declared.insert(dependency.name.clone());
            let used = if dependency.dev { &all } else { &shipped };
            if !used.contains(&dependency.ident) && !package.kept.contains(&dependency.name) {
                findings.push(Finding::at(&package.name, format!("{} is declared and never used", dependency.name)));
            }
        }
    }
    let shared = shared(tree);
    let untaken = shared.keys().filter(|name| !declared.contains(*name));
    findings.extend(untaken.map(|name| Finding::at("Cargo.toml", format!("no crate takes {name}"))));
    findings
}

/// `[workspace.dependencies]`.
fn shared(tree: &Tree) -> toml::Table {
    let root = tree.manifest("Cargo.toml");
    let shared =
        root.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(toml::Value::as_table);
    shared.cloned().unwrap_or_default()
}

fn declared_apart(tree: &Tree) -> Vec<Finding> {
    let packages = packages(tree);
    let shared = shared(tree);
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &packages {
        for dependency in &package.dependencies {
            users.entry(&dependency.name).or_default().insert(&package.name);
        }
    }
    let mut findings = Vec::new();
    for package in &packages {
        let inherited = inherited(tree, &package.folder);
        let of_many = package.dependencies.iter().filter(|dependency| users[&*dependency.name].len() > 1);
        let apart = of_many.filter(|found| !shared.contains_key(&found.name) || !inherited.contains(&found.name));
        findings
            .extend(apart.map(|found| Finding::at(&package.name, format!("{} is not the workspace's", found.name))));
    }
    findings
}

/// The dependencies of a package that say `workspace = true`, in every table that has them.
fn inherited(tree: &Tree, folder: &Path) -> BTreeSet<String> {
    let manifest = tree.manifest(folder.join("Cargo.toml"));
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let holders = targets.filter_map(toml::Value::as_table).chain([&manifest]);
    let mut inherited = BTreeSet::new();
    for holder in holders {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = holder.get(kind).and_then(toml::Value::as_table) else { continue };
            let workspace = |value: &toml::Value| value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            inherited.extend(table.iter().filter(|(_, value)| workspace(value)).map(|(name, _)| name.clone()));
        }
    }
    inherited
}

mod tests {
    use super::{declared_apart, unused};
    use crate::tree::{assert_clean, Tree};

    /// A workspace of two crates, `a` and `b`, with these manifests and this source of `a`.
    fn workspace(shared: &str, a: &str, b: &str, source: &str) -> Tree {
        let package = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n{rest}");
        Tree::planted(&[
            ("Cargo.toml", &format!("[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"b\"]\n{shared}")),
            ("a/Cargo.toml", &package("a", a)),
            ("a/src/lib.rs", source),
            ("a/tests/t.rs", "use dev_only::X;"),
            // What a crate of nobody's names is not used by the one around it.
            ("a/apart/Cargo.toml", &package("apart", "[workspace]")),
            ("a/apart/src/lib.rs", "use quiet::X;"),
            ("b/Cargo.toml", &package("b", b)),
            ("b/src/lib.rs", "use serde::Serialize;"),
        ])
    }

    fn said(findings: &[crate::tree::Finding]) -> Vec<String> {
        findings.iter().map(|found| format!("{}: {}", found.place, found.what)).collect()
    }

    /// Feature: production-excellence, Property 17: every declared dependency is used.
    #[test]
    fn every_dependency_declared_here_is_used() {
        assert_clean(&unused(&Tree::repository()));
    }

    /// Feature: production-excellence, Property 18: a dependency of two crates is declared once.
    #[test]
    fn every_dependency_of_two_crates_here_is_the_workspaces() {
        assert_clean(&declared_apart(&Tree::repository()));
    }

    #[test]
    fn a_dependency_nobody_names_is_found() {
        let tree = workspace(
            "[workspace.dependencies]\nserde = \"1\"\nrand = \"1\"",
            "[dependencies]\nserde-json = \"1\"\nidle = \"1\"\ndev-only = \"1\"\nkept = \"1\"\n\
             [dev-dependencies]\nquiet = \"1\"\n[package.metadata.cargo-machete]\nignored = [\"kept\"]",
            "[dependencies]\nserde.workspace = true",
            "// idle\nfn f() { serde_json::json!({}); }",
        );
        let expected = [
            "a: dev-only is declared and never used",
            "a: idle is declared and never used",
            "a: quiet is declared and never used",
            "Cargo.toml: no crate takes rand",
        ];
        assert_eq!(said(&unused(&tree)), expected);
    }

    #[test]
    fn a_dependency_with_two_declarations_is_found() {
        let tree = workspace(
            "[workspace.dependencies]\nserde = \"1\"",
            "[dependencies]\nserde = \"1\"\nrand = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"",
            "[dependencies]\nserde.workspace = true\n[dev-dependencies]\nlibc = \"1\"",
            "",
        );
        let expected =
            ["a: serde is not the workspace's", "a: libc is not the workspace's", "b: libc is not the workspace's"];
        let mut said = said(&declared_apart(&tree));
        said.sort_unstable();
        let mut expected = expected.map(str::to_owned);
        expected.sort_unstable();
        assert_eq!(said, expected);
    }
}
