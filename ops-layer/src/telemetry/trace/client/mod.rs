//! Calls to other services as part of the current trace, as a layer around their client.
//!
//! Each call has an id of its own within the trace, and carries the trace on in its headers; where the
//! request it is made for is recorded, it has a span too, which ends with the body of the answer. Outside of
//! every request nothing is done to a call: there is no trace that it could belong to.
//!
//! For clients that are no tower services there is [`Outgoing`](super::Outgoing).

mod body;
mod future;
mod layer;
mod scope;
mod service;

pub use body::ClientBody;
pub use future::ClientFuture;
pub use layer::ClientLayer;
pub use service::ClientService;

use scope::resent;
pub(super) use scope::{describe, ClientScope};

#[cfg(test)]
mod tests;
