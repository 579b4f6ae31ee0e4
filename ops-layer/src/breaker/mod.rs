//! Circuit breakers: stop calling what keeps failing, and try again later.
//!
//! | file | holds |
//! |---|---|
//! | `machine`, `word`, `rules` | closed, open, half-open: one atomic word, no clock, no lock |
//! | `window`, `ring`, `history` | recent calls over time or over calls, for shares of failed and slow ones |
//! | `circuit`, `tally`, `cells` | what outlives reloads, by name: machine and counts |
//! | `change`, `snapshot` | what a circuit tells |
//! | `plan`, `set` | what a reload replaces: settings, and which request meets which circuit |
//! | `trial` | an admitted call: settled with a verdict, or by being dropped |
//! | `layer`, `service`, `future` | the breakers in the stack, around requests |
//! | `handle`, `outbound`, `classify` | one breaker in code, around calls |
//!
//! Thresholds change under a circuit, its state stays. A verdict counts only in the epoch that
//! admitted the call. Of our own refusals none is ever counted as a failure.
//!
//! It does not retry, does not time calls out (the timeout outside it does), does not look into
//! bodies, and does not fail readiness: an open circuit is the service working as meant.

mod cells;
mod change;
mod circuit;
mod classify;
mod future;
mod handle;
mod history;
mod layer;
mod machine;
mod outbound;
mod plan;
mod ring;
mod rules;
mod service;
mod set;
mod snapshot;
mod sync;
mod tally;
#[cfg(test)]
mod tests;
mod trial;
mod window;
mod word;

pub use change::{Change, Changes};
pub use circuit::Circuit;
pub use classify::{ByResponse, ByResult, Classify};
pub use future::ResponseFuture;
pub use handle::{CircuitBreaker, CircuitBreakerError};
pub use layer::BreakerLayer;
pub use outbound::{OutboundFuture, OutboundLayer, OutboundService};
pub use plan::Breaker;
pub use service::BreakerService;
pub use set::{BreakerSet, Circuits};
pub use snapshot::{CircuitSnapshot, Forced, UnknownBreaker, WindowCounts};
pub use tally::CallOutcome;
pub use trial::{Trial, Verdict};
pub use word::CircuitState;
