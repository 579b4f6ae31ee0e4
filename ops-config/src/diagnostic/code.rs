//! The stable codes of faults.

/// What kind of fault a violation is. Codes are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The file cannot be read.
    Unreadable,
}
