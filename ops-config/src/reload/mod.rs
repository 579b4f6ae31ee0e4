//! From a changed file to a new generation, or to a reason why not.
//!
//! One driver, one queue. A reload reads, checks and builds everything that can
//! fail, then stores once; it ends in exactly one [`Outcome`].

mod build;
mod outcome;

pub use crate::diagnostic::Stage;
pub use build::{Build, Built};
pub use outcome::{LastError, LastReload, Outcome};
