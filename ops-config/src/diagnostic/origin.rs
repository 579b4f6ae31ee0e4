//! Who said a value: a place in a file, a variable, the command line, nobody.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file, as it was named.
    pub path: Arc<PathBuf>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the value (or of the key, where the key is at fault).
    pub span: Range<usize>,
}

/// Who said a value. Ordered as sources are read, files by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: the built-in default.
    #[default]
    Default,
    /// A place in a file.
    File(Position),
    /// An environment variable.
    Variable(String),
    /// `--set` on the command line, with its key.
    Set(String),
}

impl Origin {
    /// The place, if it is one in a file.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::File(position) => Some(position),
            _ => None,
        }
    }

    /// The bytes of the value in its file.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.position().map(|position| position.span.clone())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(at) => write!(f, "{}:{}:{}", at.path.display(), at.line, at.column),
            Self::Variable(name) => f.write_str(name),
            Self::Set(key) => write!(f, "--set {key}"),
        }
    }
}
