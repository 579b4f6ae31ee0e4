//! What the files said.

use super::read;
use crate::diagnostic::{Report, Text};
use std::path::{Path, PathBuf};

/// What the files said at one look. Equal when every byte is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    main: Text,
    profile: Option<Text>,
}

impl Texts {
    pub(super) const fn new(main: Text, profile: Option<Text>) -> Self {
        Self { main, profile }
    }

    /// The content of one file, as if it had been read.
    ///
    /// # Errors
    /// As [`Sources::read`](super::Sources::read) does: empty, all comments, not UTF-8, too large.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, Report> {
        match read::text(&path.into(), bytes) {
            Ok(main) => Ok(Self::new(main, None)),
            Err(fault) => Err(Report::new(vec![*fault], Vec::new())),
        }
    }

    /// The same with the content of the profile's file, as if it had been read too.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn with_profile(self, path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, Report> {
        match read::text(&path.into(), bytes) {
            Ok(profile) => Ok(Self { profile: Some(profile), ..self }),
            Err(fault) => Err(Report::new(vec![*fault], Vec::new())),
        }
    }

    /// The files, the main one first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.all().map(Text::path)
    }

    /// The content of the main file. May hold secrets.
    #[must_use]
    pub fn main(&self) -> &str {
        self.main.content()
    }

    /// The files with their content, the main one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Text> {
        std::iter::once(&self.main).chain(&self.profile)
    }
}
