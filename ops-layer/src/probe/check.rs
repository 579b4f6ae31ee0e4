//! A check, as whoever writes one sees it.

use ops_config::{section::ProbeGroup, value::Name};
use std::{fmt, future::Future, pin::Pin};

/// Why a check failed, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CheckError(String);

impl CheckError {
    /// The reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }

    /// The same reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}

/// A check under way.
pub type CheckFuture<'a> = Pin<Box<dyn Future<Output = Result<(), CheckError>> + Send + 'a>>;

/// Something that can be well or not. Runs in the background; a probe only reads the last result.
///
/// The future is boxed because checks of all kinds stand in one list, and none of them is on the
/// path of a request.
pub trait HealthCheck: Send + Sync + 'static {
    /// Its name: a lower-case letter, then letters, digits, `-` or `_`. It is a metric label.
    fn name(&self) -> &str;

    /// Looks. Cut when it takes longer than `probes.timeout`; a panic is a failure.
    fn check(&self) -> CheckFuture<'_>;

    /// The probes it speaks in.
    fn groups(&self) -> &[ProbeGroup] {
        &[ProbeGroup::Readiness]
    }

    /// Whether its failure makes the service unhealthy, not only degraded.
    fn is_critical(&self) -> bool {
        true
    }
}

/// Why a check was not added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddCheckError {
    /// Its name cannot be one.
    #[error("{name:?} cannot be the name of a check: {expected}")]
    NotAName {
        /// The name.
        name: String,
        /// What a name is.
        expected: String,
    },
    /// Another check has the name.
    #[error("there is a check {name} already")]
    Taken {
        /// The name.
        name: Name,
    },
}
