//! Files to be judged: this repository, or a small tree made to break a rule.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that hold no sources of ours.
const FOREIGN: [&str; 2] = ["target", ".git"];

/// A tree of files.
pub(crate) struct Tree {
    root: PathBuf,
    /// Kept as long as the tree is looked at.
    _planted: Option<tempfile::TempDir>,
}

impl Tree {
    /// This repository.
    pub(crate) fn repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate has a parent folder").to_owned();
        Self { root, _planted: None }
    }

    /// A tree with these files and nothing else.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder in it");
            fs::write(path, text).expect("a file in it");
        }
        Self { root: folder.path().to_owned(), _planted: Some(folder) }
    }

    /// Where it stands.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The text of one file.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> io::Result<String> {
        fs::read_to_string(self.root.join(path))
    }

    /// Every file with this ending, in the order of their paths.
    pub(crate) fn files(&self, ending: &str) -> Vec<Source> {
        let mut paths = Vec::new();
        collect(&self.root, &mut paths);
        let wanted = paths.into_iter().filter(|path| path.extension().is_some_and(|found| found == ending));
        let mut files: Vec<Source> = wanted.map(|path| Source::read(&self.root, &path)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Every Rust source.
    pub(crate) fn sources(&self) -> Vec<Source> {
        self.files("rs")
    }

    /// The packages of the workspace as Cargo sees them.
    pub(crate) fn packages(&self) -> Vec<serde_json::Value> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(&self.root)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
        metadata["packages"].as_array().expect("a list of packages").clone()
    }

    /// One `Cargo.toml`.
    pub(crate) fn manifest(&self, path: impl AsRef<Path>) -> toml::Table {
        let path = path.as_ref();
        let text = self.read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A path as it reads from the root.
    pub(crate) fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        // Cargo answers with the real path; a temporary folder may be reached through a link.
        let real = self.root.canonicalize().expect("the tree exists");
        path.strip_prefix(&real).or_else(|_| path.strip_prefix(&self.root)).unwrap_or(path)
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let foreign = path.file_name().is_some_and(|name| FOREIGN.iter().any(|foreign| name == *foreign));
        if path.is_symlink() || foreign {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// One file.
pub(crate) struct Source {
    /// From the root of the tree.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path: path.strip_prefix(root).expect("a file of the tree").to_owned(), text }
    }

    /// The file in one flat row of tokens, macros and all.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let stream: TokenStream = self.text.parse().unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        tokens
    }

    /// The file as items.
    pub(crate) fn syntax(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path.display()))
    }

    /// Something wrong in a line of it.
    pub(crate) fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { place: format!("{}:{line}", self.path.display()), what: what.into() }
    }
}

/// One token; a bracket is one of its own.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    fn new(text: impl Into<String>, span: proc_macro2::Span) -> Self {
        Self { text: text.into(), line: span.start().line }
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token::new(open, group.span_open()));
                flatten(group.stream(), tokens);
                tokens.push(Token::new(close, group.span_close()));
            }
            TokenTree::Ident(ident) => tokens.push(Token::new(ident.to_string(), ident.span())),
            TokenTree::Punct(punct) => tokens.push(Token::new(punct.as_char(), punct.span())),
            TokenTree::Literal(literal) => tokens.push(Token::new(literal.to_string(), literal.span())),
        }
    }
}

/// What stands between the bracket that opens the row and the one that closes it.
pub(crate) fn bracketed(tokens: &[Token]) -> &[Token] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return tokens.get(1..at).unwrap_or_default();
        }
    }
    &[]
}

/// What each attribute of a file holds, inside macros too.
pub(crate) fn attributes(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let starts = tokens.iter().enumerate().filter(|(_, token)| token.is("#")).map(|(at, _)| at + 1);
    starts.filter_map(|at| {
        let at = at + usize::from(tokens.get(at).is_some_and(|token| token.is("!")));
        tokens.get(at).filter(|token| token.is("["))?;
        Some(bracketed(&tokens[at..])).filter(|held| !held.is_empty())
    })
}

/// One thing that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) place: String,
    pub(crate) what: String,
}

impl Finding {
    /// Something wrong at a place that is not a line.
    pub(crate) fn at(place: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { place: place.to_string(), what: what.into() }
    }
}

/// Fails with everything that breaks a rule.
#[track_caller]
pub(crate) fn assert_clean(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(|found| format!("{}: {}", found.place, found.what)).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}

/// The places of what was found.
pub(crate) fn places(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|found| found.place.as_str()).collect()
}
