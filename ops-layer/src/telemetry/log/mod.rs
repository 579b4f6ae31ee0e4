//! Logs: one line for each event of `tracing`, with the trace of its request.
//!
//! A line carries its ids whether the request is recorded or not, and whether or not
//! it has a span. Filter and form change with a reload. Fields of spans are not
//! repeated in each line: the trace id leads to them.

mod entry;
mod json;
mod layer;
mod levels;
mod writer;

pub use entry::LogEntry;

pub(super) use layer::{LogSettings, Logs};
