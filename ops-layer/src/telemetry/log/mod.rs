//! Logs: one line for each event of `tracing`, with the trace of its request.
//!
//! A line carries its ids whether the request is recorded or not, and whether or not
//! it has a span. Filter, form and what is masked change with a reload, from the next
//! line on. `observability.logging.level` is about lines only: which of the program's
//! spans are recorded in a trace is not its business. Fields of spans are not repeated
//! in each line: the trace id leads to them.
//!
//! A value whose field's name speaks of a secret ([`redact`](super::redact)), or is on the
//! operator's list, is masked. What a message, an error or a `Debug` says in its text cannot
//! be known: an address with a password in it belongs into a field only after
//! [`redact::url`](super::redact::url).
//!
//! No line makes a request wait (`writer`), and none is longer than 16 KiB (`line`).

mod desk;
mod entry;
mod fields;
mod layer;
mod levels;
mod line;
mod notice;
mod output;
mod settings;
mod shape;
mod timestamp;
mod writer;

#[cfg(test)]
mod tests;

pub use entry::{LogEntry, MalformedEntry};

pub(super) use layer::Logs;
pub(super) use settings::LogSettings;
