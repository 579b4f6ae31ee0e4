//! How much memory a span may take.
//!
//! What a client sends is cut where it is read. What the program says of its own, in the fields of its spans
//! and events, may be a whole body; the SDK bounds how many there are and not how long. Traces are there to
//! show where time goes and why a call failed: the log, which keeps more of a text, is the place to read it.

use opentelemetry::{trace::Status, Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;
use std::{borrow::Cow, sync::Arc};

/// The most that is kept of one text, in bytes.
pub(super) const LONGEST: usize = 4 << 10;

/// Cuts the texts of a span.
pub(in crate::telemetry::trace) fn cut(span: &mut SpanData) {
    cut_text(&mut span.name);
    if let Status::Error { description } = &mut span.status {
        cut_text(description);
    }
    cut_values(&mut span.attributes);
    for event in &mut span.events.events {
        cut_text(&mut event.name);
        cut_values(&mut event.attributes);
    }
    for link in &mut span.links.links {
        cut_values(&mut link.attributes);
    }
}

fn cut_values(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        match &mut attribute.value {
            Value::String(text) => cut_value(text),
            Value::Array(Array::String(texts)) => texts.iter_mut().for_each(cut_value),
            _ => {}
        }
    }
}

fn cut_value(text: &mut StringValue) {
    if text.as_str().len() > LONGEST {
        *text = Arc::<str>::from(beginning(text.as_str())).into();
    }
}

fn cut_text(text: &mut Cow<'static, str>) {
    if text.len() > LONGEST {
        *text = beginning(text).to_owned().into();
    }
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// About how many bytes a span takes.
pub(super) fn estimate(span: &SpanData) -> usize {
    let events = span.events.events.iter();
    let links = span.links.links.iter();
    size_of::<SpanData>()
        + span.name.len()
        + size(&span.attributes)
        + events.map(|event| size_of_val(event) + event.name.len() + size(&event.attributes)).sum::<usize>()
        + links.map(|link| size_of_val(link) + size(&link.attributes)).sum::<usize>()
}

fn size(attributes: &[KeyValue]) -> usize {
    let more = |attribute: &KeyValue| match &attribute.value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(values)) => size_of_val(&values[..]),
        Value::Array(Array::I64(values)) => size_of_val(&values[..]),
        Value::Array(Array::F64(values)) => size_of_val(&values[..]),
        Value::Array(Array::String(texts)) => {
            size_of_val(&texts[..]) + texts.iter().map(|text| text.as_str().len()).sum::<usize>()
        }
        _ => 0,
    };
    size_of_val(attributes)
        + attributes.iter().map(|attribute| attribute.key.as_str().len() + more(attribute)).sum::<usize>()
}

#[cfg(test)]
mod tests;
