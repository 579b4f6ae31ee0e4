//! Traces: which trace a request belongs to, whether it is recorded, and where its spans go.
//!
//! The decision comes first. A request that is not recorded gets its ids and nothing
//! else: no span, and no allocation unless its caller's `tracestate` has to be put together
//! from several headers or freed of blanks. One that is gets an OpenTelemetry span of its own,
//! made directly and not through `tracing`, so that it is there whatever subscriber
//! the program has; the program's own `tracing` spans become its children.

mod attributes;
mod body;
mod client;
mod context;
mod current;
mod ended;
mod export;
mod forwarded;
mod future;
mod headers;
pub(super) mod hex;
mod layer;
mod outgoing;
mod recent;
mod sampler;
mod server;
mod service;
mod spans;
mod tracer;
mod tracestate;

pub use body::TracedBody;
pub use client::{ClientBody, ClientFuture, ClientLayer, ClientService};
pub use context::{MalformedTraceparent, TraceContext};
pub use current::{current, in_current, in_current_fn, InCurrent};
pub use future::TraceFuture;
pub use headers::{extract, inject};
pub use layer::TraceLayer;
pub use opentelemetry::trace::{SpanId, SpanKind, TraceId};
pub use outgoing::Outgoing;
pub use recent::{RecentTraces, SpanData, SpanEvent, SpanStatus, Trace, TraceFilter, TraceSummary};
pub use service::TraceService;

pub(super) use attributes::{client_address, protocol};
pub(crate) use current::current_trace;
pub(super) use current::{current_ids, current_sighting};
pub(super) use ended::Ended;
pub(super) use export::{Exporter, Pipeline};
pub(super) use sampler::{sampler_for, Cap, Sampler};
pub(super) use server::{ends_with_head, length};
pub(super) use spans::span_layer;
pub(super) use tracer::Tracer;
