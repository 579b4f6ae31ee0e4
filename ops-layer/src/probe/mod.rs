//! Is the service alive, has it started, can it take requests?
//!
//! Each check runs in a task of its own, again and again, with a time limit. A probe is answered
//! from the last results and never waits: an orchestrator that gives a probe one second must not
//! meet fifteen checks of two seconds each. A result that has become too old counts as unhealthy,
//! so a cache cannot hide a check that hangs.
//!
//! Liveness has no checks: a dependency that fails must not get the process restarted.
//!
//! | part | is |
//! |---|---|
//! | [`Record`] | the machine: what the results of one check say; pure |
//! | [`HealthCheck`] | a check; yours, or one of `[probes.checks]` |
//! | [`HealthChecker`] | all checks |
//! | [`Question`], [`Answer`] | a probe, in its forms |

mod answer;
mod check;
mod checker;
mod kind;
mod once;
mod question;
mod record;
mod runner;
mod status;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use check::{AddCheckError, CheckError, CheckFuture, HealthCheck};
pub use checker::{HealthChecker, PoolPing};
pub use once::try_once;
pub use question::{Detail, Probe, Question};
pub use record::{Record, Thresholds, Verdict};
pub use status::{CheckResult, HealthState, HealthStatus};
