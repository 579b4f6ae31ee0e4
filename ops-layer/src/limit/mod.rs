//! Limits: how many requests are taken on at once ([`LimitPlan`]; [`adaptive`] where the number is
//! found out), and how fast they may come ([`rate`]).
//!
//! One count of permits belongs to the process; the bound comes from the plan. Nobody ever
//! waits: beyond the bound a request is refused at once, and a bound that was lowered refuses
//! until enough of the requests under way have ended. A permit lasts until the response body
//! has ended: freed when the head is ready, it would let slow downloads through for nothing.
//!
//! It does not queue and does not guess a bound. Requests that began while the mode was `off`
//! hold no permit.

pub mod adaptive;
mod admission;
mod future;
mod gate;
mod layer;
mod plan;
pub mod rate;
mod service;
#[cfg(test)]
mod tests;

pub use admission::Admission;
pub use future::ResponseFuture;
pub use gate::{LimitSnapshot, LoadLimit, Permit};
pub use layer::LimitLayer;
pub use plan::LimitPlan;
pub use service::LimitService;
