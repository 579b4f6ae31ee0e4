//! The request timeout: how long a request may take until its response begins; and how long the response's body
//! may then make no progress.
//!
//! The first is measured from the moment the request came in, so time spent in outer layers counts. It
//! ends with the response head: a download may take as long as it likes, while it goes on. A body that stands still
//! is let go of by whoever holds it ([`crate::call::stall`]), for a body that nobody polls cannot end itself.
//!
//! No timer is made until the service has once said "not yet", so a request that is answered
//! at once costs none; and none at all where no timeout is configured. The timer lives inside
//! the future.

mod body;
mod counts;
mod future;
mod layer;
mod plan;
mod service;
#[cfg(test)]
mod tests;

pub use body::{PaceError, PacedBody};
pub use counts::{TimeoutSnapshot, Timeouts};
pub use future::ResponseFuture;
pub use layer::TimeoutLayer;
pub use plan::TimeoutPlan;
pub use service::TimeoutService;
