//! The rules that tell a save from half a save.

mod burst;
mod machine;
#[cfg(test)]
mod tests;

pub use machine::{At, Heard, Pace, Settle, Step};
