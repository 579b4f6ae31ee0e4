//! From a changed file to a new generation, or to a reason why not.
//!
//! One task, one queue. File events, the poll, a signal and the admin route all mean
//! the same: look at the files. What [`watch`](crate::watch) lets through is read,
//! checked and built; only then one store puts it in force and what was built is
//! handed over, which cannot fail. So a reload ends in exactly one [`Outcome`], and
//! whatever goes wrong before the store leaves everything as it was.
//!
//! A content is judged once. One that was rejected is not tried again until it
//! changes or somebody asks; one that means what is in force already (an edit of
//! comments) makes no generation, and clears the last error all the same.
//!
//! The [`Build`] is the program's own part. It may be slow, fail or panic: reloading goes on.

mod build;
mod driver;
mod examine;
mod fault;
mod guard;
mod handle;
mod log;
mod outcome;
mod start;
mod status;

pub use crate::diagnostic::Stage;
pub use build::{Build, Built};
pub use handle::{ReloadHandle, Running};
pub use outcome::{LastError, LastReload, Outcome};
pub use start::start;
pub use status::{Counts, Status};
