//! For tests: spans that have ended.

use super::kept::Kept;
use opentelemetry::{
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
    InstrumentationScope, KeyValue,
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A span that began so many milliseconds after the epoch and took as long.
pub(super) fn span(trace: u128, id: u64, parent: u64, begin: u64, took: u64) -> SpanData {
    let start_time = SystemTime::UNIX_EPOCH + Duration::from_millis(begin);
    let (trace, id) = (TraceId::from(trace), SpanId::from(id));
    SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: format!("span {id}").into(),
        start_time,
        end_time: start_time + Duration::from_millis(took),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("test").build(),
    }
}

/// The same, of a request that a caller sent.
pub(super) fn remote(trace: u128, id: u64, parent: u64, begin: u64, took: u64) -> SpanData {
    SpanData { parent_span_is_remote: true, span_kind: SpanKind::Server, ..span(trace, id, parent, begin, took) }
}

/// The same with a text in it.
pub(super) fn with(span: SpanData, key: &'static str, value: String) -> SpanData {
    SpanData { attributes: vec![KeyValue::new(key, value)], ..span }
}

/// A span as the ring takes it.
pub(super) fn kept(span: SpanData, most: usize) -> Arc<Kept> {
    Arc::new(Kept::new(span, most))
}
