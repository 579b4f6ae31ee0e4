//! What was in force before, and what was given up.
//!
//! A pure machine that says where a rollback leads. It knows configurations only
//! as values that can be the same document, and files only as contents that can be
//! equal, so a test drives it with numbers. See [`Trail`].

mod machine;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use super::Symptom;

pub use machine::{Document, GivenUp, Grounds, Step, Trail};
