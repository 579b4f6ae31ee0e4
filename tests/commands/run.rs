//! One run of the program in a folder of its own.

use ops_tests::program;
use std::{
    fmt, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A folder, with nothing in it that was not written by the test.
pub(crate) struct Folder(TempDir);

/// How a run ended.
pub(crate) struct Ran {
    asked: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with an `ops.toml`.
    pub(crate) fn with(text: &str) -> Self {
        let folder = Self::new();
        folder.write("ops.toml", text);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).expect("a file in it");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("the file is there")
    }

    /// The program, about to run here. As wide as no terminal.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program::command();
        for variable in ["COLUMNS", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.args(arguments).current_dir(self.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it.
    pub(crate) fn ops(&self, arguments: &[&str]) -> Ran {
        self.ops_with(arguments, &[], "")
    }

    /// Runs it with variables, and with a text on its standard input.
    pub(crate) fn ops_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied()).stdin(Stdio::piped());
        let mut child: Child = command.spawn().expect("the program starts");
        // A program that does not read it may be gone already.
        let _ = child.stdin.take().expect("its input is ours").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        let set = variables.iter().map(|(name, value)| format!("{name}={value} "));
        let asked = format!("{}ops {}", set.collect::<String>(), arguments.join(" "));
        Ran { asked, code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Its answer as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The answer of a run that ended well and complained of nothing.
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self}");
        self.out
    }

    /// The same, with what differs from run to run replaced.
    pub(crate) fn with(mut self, what: &str, shown: &str) -> Self {
        for text in [&mut self.asked, &mut self.out, &mut self.err] {
            *text = text.replace(what, shown);
        }
        self
    }
}

impl fmt::Display for Ran {
    /// As a terminal would show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}", self.asked)?;
        write!(f, "{}", self.out)?;
        if !self.err.is_empty() {
            write!(f, "--- on stderr\n{}", self.err)?;
        }
        let code = self.code.map_or("a signal".to_owned(), |code| code.to_string());
        write!(f, "--- ended with {code}")
    }
}
