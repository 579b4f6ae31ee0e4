//! A span as it is shown.

use opentelemetry::{
    trace::{Event, SpanId, SpanKind, Status, TraceId},
    Array, KeyValue,
};
use opentelemetry_sdk::trace::SpanData as Ended;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// A span that has ended. As JSON its ids are hexadecimal, its times RFC 3339 in UTC, and its duration is
/// `duration_ms`, milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpanData {
    /// The trace it belongs to.
    #[serde(serialize_with = "text")]
    pub trace_id: TraceId,
    /// Its own id.
    #[serde(serialize_with = "text")]
    pub span_id: SpanId,
    /// The span it is part of; none for the first of a trace.
    #[serde(serialize_with = "some_text")]
    pub parent_span_id: Option<SpanId>,
    /// Whether the parent is in another service, as far as that can be told: it came with a request.
    pub parent_is_remote: bool,
    /// What was done: `GET /items/{id}`.
    pub operation_name: String,
    /// From which side: `server`, `client`, `internal`, `producer` or `consumer`.
    #[serde(serialize_with = "kind")]
    pub kind: SpanKind,
    /// When it began.
    #[serde(serialize_with = "time")]
    pub start_time: SystemTime,
    /// How long it took.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// How it ended.
    pub status: SpanStatus,
    /// What is said about an error, if anything is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status_message: String,
    /// What is known about it, by OpenTelemetry's names.
    pub attributes: BTreeMap<String, Value>,
    /// What happened within it.
    pub events: Vec<SpanEvent>,
    /// Attributes that were too many or too large.
    pub dropped_attributes: u32,
    /// Events that were too many or too large.
    pub dropped_events: u32,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanStatus {
    /// Nothing is wrong with it.
    Unset,
    /// The program itself says that nothing is.
    Ok,
    /// It failed.
    Error,
}

/// Something that happened within a span, such as a log line of level warn or error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpanEvent {
    /// What happened.
    pub name: String,
    /// When.
    #[serde(serialize_with = "time")]
    pub time: SystemTime,
    /// What is known about it.
    pub attributes: BTreeMap<String, Value>,
}

impl From<&Ended> for SpanData {
    fn from(span: &Ended) -> Self {
        let (status, status_message) = match &span.status {
            Status::Unset => (SpanStatus::Unset, String::new()),
            Status::Ok => (SpanStatus::Ok, String::new()),
            Status::Error { description } => (SpanStatus::Error, description.to_string()),
        };
        Self {
            trace_id: span.span_context.trace_id(),
            span_id: span.span_context.span_id(),
            parent_span_id: Some(span.parent_span_id).filter(|parent| *parent != SpanId::INVALID),
            parent_is_remote: span.parent_span_is_remote,
            operation_name: span.name.to_string(),
            kind: span.span_kind.clone(),
            start_time: span.start_time,
            duration: span.end_time.duration_since(span.start_time).unwrap_or_default(),
            status,
            status_message,
            attributes: attributes(&span.attributes),
            events: span.events.iter().map(SpanEvent::from).collect(),
            dropped_attributes: span.dropped_attributes_count,
            dropped_events: span.events.dropped_count,
        }
    }
}

impl From<&Event> for SpanEvent {
    fn from(event: &Event) -> Self {
        Self { name: event.name.to_string(), time: event.timestamp, attributes: attributes(&event.attributes) }
    }
}

/// Where a name comes twice, the last one counts.
fn attributes(attributes: &[KeyValue]) -> BTreeMap<String, Value> {
    attributes.iter().map(|attribute| (attribute.key.to_string(), json(&attribute.value))).collect()
}

fn json(value: &opentelemetry::Value) -> Value {
    use opentelemetry::Value as Said;
    match value {
        Said::Bool(value) => (*value).into(),
        Said::I64(value) => (*value).into(),
        Said::F64(value) => (*value).into(),
        Said::String(value) => value.as_str().into(),
        Said::Array(Array::Bool(values)) => values.clone().into(),
        Said::Array(Array::I64(values)) => values.clone().into(),
        Said::Array(Array::F64(values)) => values.clone().into(),
        Said::Array(Array::String(values)) => values.iter().map(opentelemetry::StringValue::as_str).collect(),
        other => other.to_string().into(),
    }
}

pub(super) fn text<S: Serializer>(id: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn some_text<S: Serializer>(id: &Option<SpanId>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}

fn kind<S: Serializer>(kind: &SpanKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match kind {
        SpanKind::Client => "client",
        SpanKind::Server => "server",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
        SpanKind::Internal => "internal",
    })
}

pub(super) fn time<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_micros(*at))
}

/// To the microsecond: more digits would be noise.
pub(super) fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e3)
}
