//! Taking connections, and the end of it.
//!
//! A [`ListenerSlot`] holds the address a listener has now. A new one is reserved first and bound,
//! steps that may fail; then it is swapped in, a step that cannot, and the old one drains.
//! Listeners that change together may take each other's places: [`reserve()`] hands the sockets over.
//! [`Connections`] takes connections from slots and knows each of them, so that
//! [`GracefulShutdown`] can let them finish, or cut them when the time is over.
//!
//! Sockets that whoever started the process has opened for it ([`Inherited`]) are places to be reserved like any other.
//!
//! Why an accept loop of our own: `axum::serve` waits without end for idle connections, for
//! half a request head and for an HTTP/2 client that does not answer, has no deadline, and
//! cannot change its address.
//!
//! A connection, or a stream of HTTP/2, whose response makes no progress is let go of, where that response says
//! how long it may rest.
//!
//! It does not end the process. A handler that blocks its thread cannot be cut from outside;
//! whoever owns the runtime leaves without waiting for it.

mod accept;
mod activity;
mod bound;
mod connection;
mod connections;
mod door;
mod graceful;
mod grip;
mod inherited;
mod reserve;
mod service;
mod signal;
mod slot;
#[cfg(test)]
mod tests;

pub use bound::{Bound, Reserved};
pub use connections::Connections;
pub use graceful::{GracefulShutdown, Hooks, ShutdownReport};
pub use inherited::Inherited;
pub use reserve::reserve;
pub use service::{Counted, CountedFuture};
pub use signal::{Signal, Signals};
pub use slot::{Incoming, ListenerSlot};
