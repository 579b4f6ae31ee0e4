//! The JSON Schema of `ops.toml`, generated from the types that decode it, and
//! what is generated from it in turn.
//!
//! One schema serves editors, `check` and the documentation: a key exists once,
//! as a field of a section with its doc. [`document`] is that schema in the
//! subset of 2020-12 that both TOML language servers read; [`validator`] holds it
//! compiled; [`at`], [`expected`], [`known_keys`] find their way in it for whoever
//! reports a violation or reads a variable; an [`Entry`] is all there is to say of one
//! key. [`artifacts`] are the files of the repository that are made of all this.
//!
//! [`RETIRED`] are the keys that are no more, each with the one in its place.
//!
//! It accepts what decoding accepts, which property tests compare in both
//! directions, with two exceptions, both stricter here: TOML has no `null`, and a
//! table may not be written as a list of its values, which serde would take.
//! Rules across keys are not the schema's: `check` holds them.

mod annotated;
mod artifact;
mod codes;
mod document;
mod entry;
mod example;
mod form;
mod hover;
mod navigation;
mod reference;
mod retired;
mod sample;
#[cfg(test)]
pub(crate) mod tests;

pub use artifact::{artifacts, drift, write, Artifact, Drift};
pub(crate) use document::accepts;
pub use document::{document, validator};
pub use entry::{entries, Entry, NAME};
pub use navigation::{at, at_in, expected, is_secret, known_keys, resolve, value_type, ValueType};
pub(crate) use navigation::{child, says_secret};
pub use retired::{retired, Retired, RETIRED};
