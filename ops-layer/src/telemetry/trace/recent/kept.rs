//! A span that is kept, and how much memory it takes.

use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use std::mem::size_of;

/// The longest name, in bytes, of a span that has to be cut.
const NAME: usize = 256;

/// A span that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) span: SpanData,
    pub(super) bytes: usize,
}

impl Kept {
    /// Keeps a span. One of more than `most` bytes loses its attributes, events and links, and counts them as dropped.
    pub(super) fn new(mut span: SpanData, most: usize) -> Self {
        let mut bytes = size(&span);
        if bytes > most {
            strip(&mut span);
            bytes = size(&span);
        }
        Self { span, bytes }
    }
}

fn strip(span: &mut SpanData) {
    let count = |some: usize| u32::try_from(some).unwrap_or(u32::MAX);
    span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(count(span.attributes.len()));
    span.attributes = Vec::new();
    span.events.dropped_count = span.events.dropped_count.saturating_add(count(span.events.events.len()));
    span.events.events = Vec::new();
    span.links.links = Vec::new();
    span.status = match &span.status {
        opentelemetry::trace::Status::Error { .. } => opentelemetry::trace::Status::error(""),
        other => other.clone(),
    };
    let end = span.name.floor_char_boundary(NAME);
    span.name = span.name[..end].to_owned().into();
}

/// A guess that is rather too high: texts that never change, or that are shared, count as if they were not.
fn size(span: &SpanData) -> usize {
    let description = match &span.status {
        opentelemetry::trace::Status::Error { description } => description.len(),
        _ => 0,
    };
    let events = span.events.events.iter().map(|event| 64 + event.name.len() + all(&event.attributes));
    let links = span.links.links.iter().map(|link| 128 + all(&link.attributes));
    // A caller's list of 512 bytes takes eight times as much in the form that the SDK has it in.
    let state = span.span_context.trace_state().into_iter().map(|(key, value)| 128 + key.len() + value.len());
    size_of::<Kept>()
        + state.sum::<usize>()
        + span.name.len()
        + description
        + all(&span.attributes)
        + events.sum::<usize>()
        + links.sum::<usize>()
}

fn all(attributes: &Vec<KeyValue>) -> usize {
    let texts = attributes.iter().map(|attribute| attribute.key.as_str().len() + value(&attribute.value));
    attributes.capacity() * size_of::<KeyValue>() + texts.sum::<usize>()
}

fn value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => texts.iter().map(|text| 32 + text.as_str().len()).sum(),
        Value::Array(Array::Bool(all)) => all.len(),
        Value::Array(Array::I64(all)) => all.len() * 8,
        Value::Array(Array::F64(all)) => all.len() * 8,
        _ => 0,
    }
}
