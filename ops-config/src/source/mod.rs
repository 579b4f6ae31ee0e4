//! What is said, by whom: files, variables, the command line.
//!
//! [`Sources`] names the places, [`Sources::read`] reads the files among them and
//! refuses what cannot be a whole configuration, and a [`Draft`] is everything
//! merged, each value with the one who said it. A draft judges nothing but what
//! it cannot merge: TOML that does not parse, variables that name no key.
//!
//! figment merges and knows which layer a value came from; it is given no file
//! and no variable of its own, since it would lose lines, stop at the first fault
//! and print secrets. Places within files come from one parse of each file.
//! Lists come whole from one layer: two layers that each say half of a list would
//! leave nobody able to say what it is.

mod broken;
mod coerce;
mod document;
mod draft;
mod hidden;
mod inherited;
mod layer;
mod merged;
mod newcomer;
mod otel;
mod places;
mod read;
mod set;
mod sources;
mod texts;
mod variable;

pub use draft::Draft;
pub(crate) use read::bytes;
pub use sources::Sources;
pub use texts::Texts;

#[cfg(test)]
mod tests;
