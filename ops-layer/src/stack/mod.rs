//! The layers as one: in which order they stand, and the two that belong to no
//! mechanism.
//!
//! [`StackLayer`] says what wraps what, and why. The outermost service pins the
//! generation in force to the request; `respond` turns a refusal into a response.
//! Every type is concrete: a request crosses the whole stack without a box.

mod inner;
mod order;
mod pin;
mod problem;
mod respond;

pub use inner::{Innermost, InnermostFuture};
pub use order::{Stack, StackLayer};
pub use pin::{pinned, Pin, PinFuture};
pub use respond::{BodyError, Respond, RespondBody, RespondFuture, RespondLayer};
