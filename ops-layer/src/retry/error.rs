//! Why a call gave no value.

use std::{error::Error, fmt, time::Duration};

/// Why the last attempt of a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryError<E> {
    /// It took longer than `attempt_timeout`, and was given up.
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// It failed.
    Inner(E),
}

impl<E> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { after } => write!(f, "no response began within {after:?}"),
            Self::Inner(_) => f.write_str("the call failed"),
        }
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut { .. } => None,
            Self::Inner(error) => Some(error),
        }
    }
}
