//! Files of the repository that are made from the code, and whether they still are.

use super::{annotated::annotated, codes::codes, document, reference::reference};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// A file that is made from the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it stands, from the root of the repository.
    pub path: &'static str,
    /// What it says.
    pub text: String,
}

/// All files that are made from the code.
#[must_use]
pub fn artifacts() -> Vec<Artifact> {
    vec![
        Artifact { path: "schema/ops.schema.json", text: format!("{:#}\n", document()) },
        Artifact { path: "schema/keys.md", text: reference() },
        Artifact { path: "schema/codes.md", text: codes() },
        Artifact { path: "config/ops.toml", text: annotated() },
    ]
}

/// A file that is not what the code would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Where it stands, from the root of the repository.
    pub path: &'static str,
    /// The first line that differs, from 1; none where the file cannot be read.
    pub line: Option<usize>,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line} is not what the code says", self.path),
            None => write!(f, "{} is missing", self.path),
        }
    }
}

/// The files below `root` that are not what the code would make.
#[must_use]
pub fn drift(root: &Path) -> Vec<Drift> {
    artifacts()
        .into_iter()
        .filter_map(|Artifact { path, text }| match fs::read_to_string(root.join(path)) {
            Ok(found) if found == text => None,
            Ok(found) => {
                let same = found.split('\n').zip(text.split('\n')).take_while(|(a, b)| a == b).count();
                Some(Drift { path, line: Some(same + 1) })
            }
            Err(_) => Some(Drift { path, line: None }),
        })
        .collect()
}

/// Writes all files below `root` that differ; says which were written.
///
/// # Errors
/// When a folder cannot be made or a file not be written; the error names it.
pub fn write(root: &Path) -> io::Result<Vec<PathBuf>> {
    let named = |path: &Path, error: &io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut written = Vec::new();
    for Artifact { path, text } in artifacts() {
        let path = root.join(path);
        if fs::read_to_string(&path).is_ok_and(|found| found == text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
        }
        fs::write(&path, text).map_err(|error| named(&path, &error))?;
        written.push(path);
    }
    Ok(written)
}
