//! One request on its way through the stack.
//!
//! The outermost layer makes a [`Call`] of each request: the request and what
//! was decided for it. Every layer below takes a `Call`, so none has to look
//! anything up, and none can see another generation.

mod attempt;
mod envelope;
mod held;
mod peer;
#[cfg(test)]
pub(crate) mod sample;
pub mod stall;

pub use attempt::Attempt;
pub use envelope::{Call, Pinned};
pub use held::Held;
pub use peer::PeerAddr;
