//! Circuit breakers: stop calling what keeps failing, and try again later.
//!
//! | file | holds |
//! |---|---|
//! | `machine` | closed, open, half-open: one atomic word, no clock, no lock |
//! | `window` | counts of recent calls, for shares of failed and slow ones |
//! | `circuit`, `tally` | what outlives reloads, by name: machine and counts |
//! | `plan`, `set` | what a reload replaces: settings, and which request meets which circuit |
//! | `trial` | an admitted call: settled with a verdict, or by being dropped |
//! | `layer`, `service`, `future` | the breakers in the stack, around requests |
//! | `handle`, `outbound` | one breaker in code, around calls |
//!
//! Thresholds change under a circuit, its state stays. A verdict counts only in the epoch that
//! admitted the call. Of our own refusals none is ever counted as a failure.
//!
//! It does not retry, does not time calls out (the timeout outside it does), does not look into
//! bodies, and does not fail readiness: an open circuit is the service working as meant.

mod circuit;
mod future;
mod handle;
mod layer;
mod machine;
mod outbound;
mod plan;
mod service;
mod set;
mod sync;
mod tally;
#[cfg(test)]
mod tests;
mod trial;
mod window;

pub use circuit::{Circuit, CircuitSnapshot};
pub use future::ResponseFuture;
pub use handle::{CircuitBreaker, CircuitBreakerError};
pub use layer::BreakerLayer;
pub use machine::CircuitState;
pub use outbound::{OutboundFuture, OutboundLayer, OutboundService};
pub use plan::Breaker;
pub use service::BreakerService;
pub use set::{BreakerSet, Circuits};
pub use tally::CallOutcome;
pub use trial::{Trial, Verdict};
