//! The places a configuration comes from.

use super::{read, Texts};
use crate::diagnostic::{Code, KeyPath, Origin, Report, Violation};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The places a configuration comes from. What they say beside the files is held here, so that a
/// check is a function of its arguments and no test depends on the process's environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Sources {
    /// The configuration file.
    pub file: PathBuf,
    /// The profile, whose file `ops.<profile>.toml` beside the first overrides it.
    pub profile: Option<String>,
    /// Environment variables: `OPS_…` and `OTEL_…` are read, the others may hold secrets.
    pub variables: Vec<(String, String)>,
    /// What `--set` said, keys with values, in order.
    pub set: Vec<(String, String)>,
}

impl Sources {
    /// One file and nothing else.
    #[must_use]
    pub fn from_file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), profile: None, variables: Vec::new(), set: Vec::new() }
    }

    /// The file, the process's environment (`OPS_PROFILE` among it) and what `--set` said.
    /// Variables that are not Unicode are taken with replacement characters, so that a fault in
    /// them is reported and not overlooked.
    #[must_use]
    pub fn from_process(file: impl Into<PathBuf>, set: Vec<(String, String)>) -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let variables: Vec<_> = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        let profile = variables.iter().find(|(name, value)| name == "OPS_PROFILE" && !value.is_empty());
        let profile = profile.map(|(_, value)| value.clone());
        Self { file: file.into(), profile, variables, set }
    }

    /// Reads the files.
    ///
    /// # Errors
    /// When one is missing, cannot be read, is not a regular file, is empty or all comments, is
    /// not UTF-8 or is larger than 1 MiB; all of these for both files at once.
    pub fn read(&self) -> Result<Texts, Report> {
        self.read_with(read::bytes)
    }

    /// Reads the files as [`read`](Self::read) does, each by `bytes`: whoever has seen their
    /// content judges just that, and not what stands there a moment later.
    pub(crate) fn read_with(&self, bytes: impl Fn(&Path) -> io::Result<Vec<u8>>) -> Result<Texts, Report> {
        self.read_beside(&self.file, bytes(&self.file), bytes)
    }

    /// As [`read`](Self::read), where the content of the main file comes another way, such as through a
    /// pipe. Reports call it `name`; the profile's file is still the one beside [`file`](Self::file).
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_from(&self, name: &Path, main: impl io::Read) -> Result<Texts, Report> {
        self.read_beside(name, read::all(main), read::bytes)
    }

    fn read_beside(
        &self,
        name: &Path,
        main: io::Result<Vec<u8>>,
        bytes: impl Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<Texts, Report> {
        let file = |path: &Path| read::file(path, bytes(path));
        let main = read::file(name, main);
        let profile = self.profile_file().map(|path| path.and_then(|path| file(&path).map_err(of_the_profile)));
        let profile = profile.transpose();
        match (main, profile) {
            (Ok(main), Ok(profile)) => Ok(Texts::new(main, profile)),
            (main, profile) => {
                let violations = main.err().into_iter().chain(profile.err()).map(|fault| *fault).collect();
                Err(Report::new(violations, Vec::new()))
            }
        }
    }

    /// The files that are read, whether or not they are there.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let profile = self.profile_file().and_then(Result::ok);
        std::iter::once(self.file.clone()).chain(profile).collect()
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `ops.<profile>.toml` for `ops.toml`.
    fn profile_file(&self) -> Option<Result<PathBuf, Box<Violation>>> {
        let profile = self.profile.as_deref()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if profile.is_empty() || !profile.chars().all(plain) {
            return Some(Err(Box::new(Violation {
                code: Code::Missing,
                key: KeyPath::root(),
                origin: Origin::Variable("OPS_PROFILE".to_owned()),
                found: Some(format!("{profile:?}")),
                expected: "the name of a profile: letters, digits, '-' and '_'".to_owned(),
                help: Some(
                    "write OPS_PROFILE=staging for the file ops.staging.toml beside the configuration".to_owned(),
                ),
                notes: Vec::new(),
            })));
        }
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let name = match self.file.extension() {
            Some(extension) => format!("{stem}.{profile}.{}", extension.to_string_lossy()),
            None => format!("{stem}.{profile}"),
        };
        Some(Ok(self.file.with_file_name(name)))
    }
}

/// A profile that was named must be there: read without it, the configuration would be another one.
fn of_the_profile(mut fault: Box<Violation>) -> Box<Violation> {
    if fault.code == Code::Missing {
        fault.help = Some("write the profile's file, or unset OPS_PROFILE".to_owned());
    }
    fault
}

impl std::fmt::Debug for Sources {
    /// Without the values of variables and of `--set`, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("file", &self.file).field("profile", &self.profile).finish_non_exhaustive()
    }
}
