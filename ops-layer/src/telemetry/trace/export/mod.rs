//! From ended spans to a collector, by OTLP, off the request path.
//!
//! [`Pipeline`] takes spans from requests into a queue that is bounded in number and bytes; a `Courier`, one task,
//! makes batches of them and brings each to the collector of the [`Exporter`] in force, again
//! and again where the collector may take it later (`Retry` says when). What an answer means
//! (`Answer`) is told by the protocol, gRPC or protobuf over HTTP; both go through one client.
//!
//! The SDK's own exporter is not used: it tries a batch once, keeps why it failed to itself,
//! has no TLS over HTTP, reads variables that no file knows of, and cannot be exchanged under
//! a batch that waits. The SDK's batch processor has a thread without a runtime and an
//! exporter for life.
//!
//! One request is under way at a time, so that a collector in trouble is not asked for more than it can
//! take: with 512 spans in each, a collector 100 milliseconds away takes 5,000 spans a second, and what
//! is beyond that is dropped and counted. Put a collector nearby between, where that is too little.
//!
//! Deliberately left out: compression, which costs a service more than the network nearby, and
//! keeping spans on disk.

mod answer;
mod batch;
mod connection;
mod counts;
mod courier;
mod exporter;
mod grpc;
mod outage;
mod pipeline;
mod protobuf;
mod resource;
mod retry;
mod size;
mod wanted;
mod way;

pub(in crate::telemetry) use exporter::Exporter;
pub(in crate::telemetry) use pipeline::Pipeline;
pub(in crate::telemetry::trace) use size::cut;
