//! Access lines: one log line for a request, when it has ended.
//!
//! Off unless `observability.logging` asks for it. Which requests get a line is decided
//! at the very end, when all is known that rules ask about: the route, the status, how
//! long it took. So "every error, whatever is slow, and one in a hundred of the rest" can
//! be said, which head sampling cannot. Every end counts: a body that was sent whole, one
//! that broke off, a client that went away before there was an answer.
//!
//! What a line says goes by OpenTelemetry's names with `_` for `.`; queries are left out,
//! since they hold secrets too often, and so are headers but the client's name for itself.

mod body;
mod future;
mod layer;
mod record;
mod rules;
mod service;
mod share;
#[cfg(test)]
mod tests;

pub use body::AccessBody;
pub use future::AccessFuture;
pub use layer::AccessLayer;
pub use service::AccessService;

pub(super) use rules::{rules_for, AccessRules};
