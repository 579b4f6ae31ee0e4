//! The two editors' engines, and how each is asked.

use crate::client::Client;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A language server with its linter, as one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Editor {
    /// What it is called.
    pub(crate) name: &'static str,
    lint: &'static [&'static str],
    format: &'static [&'static str],
    serve: &'static [&'static str],
    /// What stands before `file:line:column` in the linter's output.
    arrow: &'static str,
}

/// The engine of Even Better TOML; also what Helix, Neovim and Zed start.
pub(crate) const TAPLO: Editor = Editor {
    name: "taplo",
    lint: &["lint", "--colors", "never"],
    format: &["format", "--check"],
    serve: &["lsp", "stdio"],
    arrow: "┌─ ",
};

/// The other one, which reads all of JSON Schema 2020-12.
pub(crate) const TOMBI: Editor = Editor {
    name: "tombi",
    lint: &["lint", "--offline"],
    format: &["format", "--offline", "--check"],
    serve: &["lsp", "--offline"],
    arrow: "at ",
};

impl Editor {
    /// Where the program is.
    pub(crate) fn found(self) -> Option<PathBuf> {
        self.all().next()
    }

    /// Where the program is that was built with its language server: taplo's may be without, and
    /// ends at once when it is asked for it.
    pub(crate) fn found_serving(self) -> Option<PathBuf> {
        let home = TempDir::new().ok()?;
        self.all().find(|path| Client::start(&mut self.server(path, home.path()), home.path()).is_ok())
    }

    /// Every program of that name, in the folders of `OPS_EDITORS`, then in those of `PATH`.
    fn all(self) -> impl Iterator<Item = PathBuf> {
        let variables = ["OPS_EDITORS", "PATH"].into_iter().filter_map(std::env::var_os);
        let folders: Vec<_> = variables.flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>()).collect();
        folders.into_iter().map(move |folder| folder.join(self.name)).filter(|path| path.is_file())
    }

    /// The linter, to be run on a file.
    pub(crate) fn linter(self, program: &Path, home: &Path) -> Command {
        command(program, self.lint, home)
    }

    /// The formatter, which only says whether it would change a file.
    pub(crate) fn formatter(self, program: &Path, home: &Path) -> Command {
        command(program, self.format, home)
    }

    /// The language server, over its standard input and output.
    pub(crate) fn server(self, program: &Path, home: &Path) -> Command {
        command(program, self.serve, home)
    }

    /// The lines of a file that the linter complains of.
    pub(crate) fn lines(self, output: &str, file: &str) -> Vec<usize> {
        let place = |line: &str| {
            let (path, rest) = line.trim_start().strip_prefix(self.arrow)?.split_once(&format!("{file}:"))?;
            (path.is_empty() || path.ends_with('/')).then(|| rest.split(':').next()?.parse().ok()).flatten()
        };
        output.lines().filter_map(place).collect()
    }
}

/// With a home of its own: no settings and no cached schemas of whoever runs the tests.
fn command(program: &Path, arguments: &[&str], home: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(home).env_clear().env("HOME", home).env("NO_COLOR", "1");
    command.env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("")));
    command
}
