//! Which state of affairs somebody has seen.

use std::{fmt, str::FromStr};

/// Which state of affairs somebody has seen: what is in force, and how reloads went. It differs after
/// every outcome, and between processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revision {
    /// When the process began, in nanoseconds of the clock: others count from 1 as well.
    pub(super) began: u128,
    pub(super) change: u64,
}

/// A text that names no revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a revision as it was printed, such as \"1790000000000000000.7\"")]
pub struct NotARevision;

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.began, self.change)
    }
}

impl FromStr for Revision {
    type Err = NotARevision;

    /// A revision as printed, and nothing that merely reads like one.
    fn from_str(text: &str) -> Result<Self, NotARevision> {
        let (began, change) = text.split_once('.').ok_or(NotARevision)?;
        let number = |part: &str| part.parse().map_err(|_| NotARevision);
        let revision = Self { began: number(began)?, change: change.parse().map_err(|_| NotARevision)? };
        (revision.to_string() == text).then_some(revision).ok_or(NotARevision)
    }
}

#[cfg(test)]
mod tests {
    use super::Revision;
    use proptest::prelude::*;

    proptest! {
        /// Feature: production-excellence, Property 8: printing a revision and parsing it back gives the same.
        #[test]
        fn a_printed_revision_is_read_as_itself(began: u128, change: u64) {
            let revision = Revision { began, change };
            prop_assert_eq!(revision.to_string().parse(), Ok(revision));
        }

        #[test]
        fn what_is_read_is_what_was_printed(text in "[0-9+]{0,3}[.]?[0-9+]{0,3}") {
            if let Ok(revision) = text.parse::<Revision>() {
                prop_assert_eq!(revision.to_string(), text);
            }
        }
    }
}
