//! The way from a name to a file, through every symlink on it.

mod chain;
#[cfg(test)]
mod tests;

pub use chain::{FileSystem, Hops, Links};
