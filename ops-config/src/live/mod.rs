//! The value in force: one publisher, many readers.
//!
//! Data flows one way. The [`Publisher`] is the only thing that can change what is
//! in force, by one store; a [`Live`] handle has no setter. A reader takes a
//! [`Generation`] whole and keeps it as long as it likes, so no reader ever sees
//! half of one and half of another, and no reader ever waits.

mod cell;
mod generation;
#[cfg(test)]
mod tests;

pub use cell::{Live, Publisher, Reader};
pub use generation::Generation;
