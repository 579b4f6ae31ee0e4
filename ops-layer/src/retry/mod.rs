//! Calls of other services, made again within a budget: `[retries.NAME]`.
//!
//! A retry helps against a fault that passes and does harm against one that stays: three attempts of every client are
//! three times the load on a service that fails under the load it has. So attempts are paid for. Each call earns a
//! fraction of an attempt, each repeat costs a whole one, and what was earned is forgotten after a while; a service
//! that is down sees a fifth more calls, not three times as many. That is how Finagle and linkerd bound it.
//!
//! *Machines*: the `budget`, which counts calls and repeats in a ring of quarter seconds, and the `backoff`, the
//! pause before an attempt. Time and chance are arguments. Counts belong to the process and go by name; the settings
//! are applied to them when a repeat is asked for, so an edit of any of them keeps what was earned.
//! *Service*: [`RetryLayer`] around any client of `http` requests, and [`Retry::call`] for anything else.
//!
//! Outermost of what stands around a client: `retry → breaker → client_layer → client`. Then each attempt is asked of
//! the breaker, which is not hammered while it is open, and each has a span of its own.
//!
//! It does not repeat what has begun to be answered: a response is judged by its head, and who reads the body reads
//! the body of the last attempt. It does not repeat within a repeat: of two retries around one call in a process, the
//! outer decides. It does not ask the service to know of it: no header counts attempts.

mod again;
mod backoff;
mod budget;
mod classify;
mod error;
mod future;
mod handle;
mod layer;
mod policy;
mod pushback;
mod record;
mod series;
mod service;
mod set;

pub use again::{Again, Copied, Streamed};
pub use classify::{Classify, Configured, Own, Repeatable};
pub use error::RetryError;
pub use future::RetryFuture;
pub use handle::Retry;
pub use layer::RetryLayer;
pub use policy::RetryPolicy;
pub use record::{RetryOutcome, RetrySnapshot};
pub use service::RetryService;
pub use set::{Retries, RetrySet};

#[cfg(test)]
mod tests;
