//! What a look at the files finds.

use crate::source;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a look found, one entry for each file watched.
pub type View = BTreeMap<PathBuf, Sight>;

/// What stood at a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Sight {
    /// Nothing.
    Missing,
    /// Something that cannot be read.
    Unreadable(io::ErrorKind),
    /// These bytes.
    Content(Arc<[u8]>),
}

impl Sight {
    /// What stands at `path` now. Opened by its name each time: where one file is mounted on
    /// another, a handle kept open would show the old one for ever.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        match source::bytes(path) {
            Ok(bytes) => Self::Content(bytes.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Missing,
            Err(error) => Self::Unreadable(error.kind()),
        }
    }

    /// The bytes, or why there are none.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Missing => Err(io::ErrorKind::NotFound.into()),
            Self::Unreadable(kind) => Err((*kind).into()),
            Self::Content(bytes) => Ok(bytes.to_vec()),
        }
    }

    /// The bytes, if there were any to read.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        match self {
            Self::Content(bytes) => Some(bytes),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }

    /// Whether nothing is left of the file, as between the two halves of a save.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Unreadable(_) => false,
            Self::Content(bytes) => bytes.is_empty(),
        }
    }

    /// Whether this is the beginning of `whole`, and only that.
    pub(super) fn is_beginning_of(&self, whole: &Self) -> bool {
        match (self.content(), whole.content()) {
            (Some(part), Some(whole)) => part.len() < whole.len() && whole.starts_with(part),
            _ => false,
        }
    }
}

impl fmt::Debug for Sight {
    /// Never the bytes: they may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Unreadable(kind) => write!(f, "Unreadable({kind:?})"),
            Self::Content(bytes) => write!(f, "Content({} bytes)", bytes.len()),
        }
    }
}

/// Looks at each of `files`.
pub(super) fn look(files: &BTreeSet<PathBuf>) -> View {
    files.iter().map(|path| (path.clone(), Sight::of(path))).collect()
}
