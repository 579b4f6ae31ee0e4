//! A file that does not parse: what is wrong with it, and what of it may be shown.
//!
//! The parser goes on after a fault, but what it says then is often only a consequence: each line
//! is at fault once, and where a list or table was never closed everything up to the next header
//! is taken out and the rest parsed again. Its words are those of a grammar; here they become
//! those of whoever made the mistake, with the line as it should be where that is certain.
//!
//! Nothing is certain about what a broken file means, so less of it is shown than of any other:
//! see [`Outline`]. A help repeats only what may be shown.

mod extent;
mod fault;
mod mistake;
mod open;
mod outline;
mod words;

pub(super) use fault::violations;
pub(super) use outline::{dotted, Outline};
