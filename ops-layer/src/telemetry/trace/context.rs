//! A request's place in its trace, as `traceparent` and `tracestate` carry it.

use super::hex;
use http::HeaderValue;
use opentelemetry::trace::{SpanId, TraceId};
use std::{fmt, str::FromStr};

/// A request's place in its trace: which trace, which span of it, and whether it is recorded.
///
/// `Display` and `FromStr` are the `traceparent` header of W3C Trace Context, version 00. The
/// specification wants lower-case digits, refuses version `ff` and all-zero ids, and asks a
/// reader to take newer versions as far as it knows them. What is written is always version 00,
/// with the flags of level 1 (sampled) and level 2 (random) and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    flags: u8,
    /// As it is sent: it came in a header, and goes out in one without a copy.
    tracestate: Option<HeaderValue>,
}

/// A text is not a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a traceparent such as \"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"")]
pub struct MalformedTraceparent;

impl TraceContext {
    /// The flag of a trace that is recorded.
    pub const SAMPLED: u8 = 1;
    /// The flag of a trace whose id ends in seven random bytes, so that they can decide sampling.
    pub const RANDOM: u8 = 2;

    /// A place in a trace; flags that are not known are cleared, as the specification wants.
    #[must_use]
    pub const fn new(trace_id: TraceId, span_id: SpanId, flags: u8) -> Self {
        Self { trace_id, span_id, flags: flags & (Self::SAMPLED | Self::RANDOM), tracestate: None }
    }

    /// The trace.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span within it.
    #[must_use]
    pub const fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The flags: [`Self::SAMPLED`], [`Self::RANDOM`].
    #[must_use]
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// What other tracing systems passed along, kept as it came.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_ref().and_then(|list| list.to_str().ok())
    }

    /// The same trace, seen from another of its spans.
    #[must_use]
    pub fn with_span(&self, span_id: SpanId) -> Self {
        Self { span_id, ..self.clone() }
    }

    pub(super) fn with_tracestate(self, tracestate: Option<HeaderValue>) -> Self {
        Self { tracestate, ..self }
    }

    /// The value of the `tracestate` header.
    pub(super) const fn tracestate_header(&self) -> Option<&HeaderValue> {
        self.tracestate.as_ref()
    }

    /// The header's value, without an allocation.
    pub(super) fn traceparent(&self) -> [u8; LENGTH] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        hex::encode(&self.trace_id.to_bytes(), &mut text[TRACE]);
        hex::encode(&self.span_id.to_bytes(), &mut text[SPAN]);
        hex::encode(&[self.flags], &mut text[FLAGS]);
        text
    }

    /// Reads the header's value.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let head = text.get(..LENGTH)?;
        let [version] = hex::decode(&head[VERSION])?;
        let rest_fits = match text.get(LENGTH) {
            None => true,
            Some(next) => version != 0 && *next == b'-',
        };
        let dashes = [head[VERSION.end], head[TRACE.end], head[SPAN.end]];
        if version == 0xff || !rest_fits || dashes != [b'-'; 3] {
            return None;
        }
        let trace_id = TraceId::from_bytes(hex::decode(&head[TRACE])?);
        let span_id = SpanId::from_bytes(hex::decode(&head[SPAN])?);
        let [flags] = hex::decode(&head[FLAGS])?;
        (trace_id != TraceId::INVALID && span_id != SpanId::INVALID).then(|| Self::new(trace_id, span_id, flags))
    }
}

const LENGTH: usize = 55;
const VERSION: std::ops::Range<usize> = 0..2;
const TRACE: std::ops::Range<usize> = 3..35;
const SPAN: std::ops::Range<usize> = 36..52;
const FLAGS: std::ops::Range<usize> = 53..55;

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

impl FromStr for TraceContext {
    type Err = MalformedTraceparent;

    fn from_str(text: &str) -> Result<Self, MalformedTraceparent> {
        Self::parse(text.as_bytes()).ok_or(MalformedTraceparent)
    }
}

#[cfg(test)]
mod tests;
