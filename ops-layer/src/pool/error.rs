//! Why there is no connection.

use ops_config::value::Name;
use std::{sync::Arc, time::Duration};

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// None came free in time.
    #[error("pool {pool}: no connection within {waited:?}{}", .cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default())]
    Timeout {
        /// The pool.
        pool: Name,
        /// How long the caller waited.
        waited: Duration,
        /// Why none could be opened, where that was the last that happened.
        cause: Option<Arc<str>>,
    },
    /// The pool was taken out of the configuration, or the process ends.
    #[error("pool {pool} is closed")]
    Closed {
        /// The pool.
        pool: Name,
    },
    /// No pool has this name.
    #[error("there is no pool {name:?}")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The pool is one of another kind of database.
    #[error("pool {pool} opens {found}, not {asked}")]
    OtherDatabase {
        /// The pool.
        pool: Name,
        /// What it opens.
        found: &'static str,
        /// What was asked for.
        asked: &'static str,
    },
}
