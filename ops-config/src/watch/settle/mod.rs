//! The rules that tell a save from half a save.

mod burst;
mod doubt;
mod machine;
mod term;
#[cfg(test)]
mod tests;

pub use machine::Settle;
pub use term::{At, Heard, Pace, Step};
