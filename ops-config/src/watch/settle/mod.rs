//! The rules that tell a save from half a save.
//!
//! Half a save is never in force, not for a moment, even where the half is valid. What no rule can know is left:
//!
//! - A writer that no event tells of, and that pauses for longer than the settle time, counts as one that has ended.
//! - A writer that was heard to write, and then neither writes nor closes for ten seconds, counts as one that has ended.
//! - Half a save that is, byte for byte, what is in force or what was judged before is taken for that.
//! - An event names a file, not its content: where the file is overwritten within two milliseconds of it, by a
//!   writer that no event tells of, what it said is taken to mean that writer's half.

mod burst;
mod doubt;
mod machine;
mod mark;
mod term;
#[cfg(test)]
mod tests;

pub use machine::Settle;
pub use term::{At, Heard, Pace, Step};
