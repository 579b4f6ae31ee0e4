//! The traces that ended last, without a collector.
//!
//! Every recorded span that ends is kept here for a while, so that a service with nothing installed
//! around it still shows its traces: at `GET /traces` of the operator's listener, and in code by
//! [`RecentTraces`]. Belongs to the process; reloads leave it alone.
//!
//! It never grows beyond its bounds (`ring`), whatever clients send: one that reuses a trace id for ever has one
//! trace, of which the newest spans are kept; one that asks for all its requests to be recorded pushes out the
//! traces of other callers, never more than half of those that were begun here. A trace of which something was
//! left out says so. Attributes that are named like secrets were masked before they came here.
//!
//! Not a store: nothing is on disk, nothing is searched but a few hundred entries, and a span that has not ended
//! is not shown.

mod bounds;
mod filter;
mod kept;
mod ring;
#[cfg(test)]
mod sample;
mod span_data;
mod traces;
mod view;

pub use filter::TraceFilter;
pub use span_data::{SpanData, SpanEvent, SpanStatus};
pub use traces::RecentTraces;
pub use view::{Trace, TraceSummary};
