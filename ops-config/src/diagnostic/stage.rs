//! How far a configuration came.

use std::fmt;

/// Where a configuration was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The file could not be read, or is not yet whole.
    Read,
    /// It is not TOML.
    Parse,
    /// A value is not what the schema allows.
    Schema,
    /// Values contradict each other, or name what is not there.
    Rule,
    /// Something it needs could not be made.
    Build,
}

impl Stage {
    /// All stages, in the order in which they are reached.
    pub const ALL: [Self; 5] = [Self::Read, Self::Parse, Self::Schema, Self::Rule, Self::Build];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Parse => "parse",
            Self::Schema => "schema",
            Self::Rule => "rule",
            Self::Build => "build",
        })
    }
}
