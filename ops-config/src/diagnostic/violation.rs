//! One fault of a configuration.

use super::{Code, KeyPath, Origin};

/// One fault of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What kind of fault, stable over releases.
    pub code: Code,
    /// The key at fault; the root where the whole file is.
    pub key: KeyPath,
    /// Where it was written.
    pub origin: Origin,
    /// What was found, as it would be written; secrets masked. None where something is missing.
    pub found: Option<String>,
    /// What was expected, as the end of the sentence "expected …".
    pub expected: String,
    /// The smallest change that mends it, as an imperative sentence.
    pub help: Option<String>,
}
