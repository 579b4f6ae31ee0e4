//! What can be wrong with a configuration, said so that a person can mend it.
//!
//! A [`Violation`] is data: a stable [`Code`], the key, where it was written, what
//! was found (secrets masked), what was expected, the smallest fix. [`Report`]
//! holds all of them at once, in the order in which they were written, and prints
//! them with the lines they are about.

mod code;
mod key;
mod origin;
mod violation;

pub use code::Code;
pub use key::{KeyPath, Segment};
pub use origin::{Origin, Position};
pub use violation::Violation;
