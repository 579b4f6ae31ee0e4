//! The message and the fields of an event, visited once.

use super::{
    line::Line,
    settings::LogSettings,
    shape::{bit, name_of, Shape},
};
use crate::telemetry::trace::hex;
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::{section::LogFormat, value::MASK};
use std::{error::Error, fmt};
use tracing::{
    field::{Field, Visit},
    Event,
};

/// Writes what an event says after its head: message, ids, fields.
#[derive(Debug)]
pub(super) struct Fields<'e, 'l> {
    pub(super) line: Line<'l>,
    pub(super) shape: &'e Shape,
    pub(super) settings: &'e LogSettings,
    /// Trace and span of the request it belongs to, if any.
    pub(super) ids: Option<(TraceId, SpanId)>,
    /// Whether the message is written, or known to be missing.
    pub(super) has_begun: bool,
    pub(super) seeks_message: bool,
    pub(super) count: usize,
    /// Where names repeat: which fields the event has, a bit each.
    pub(super) present: u64,
}

/// A value, by how it is written.
#[derive(Clone, Copy)]
enum Value<'v> {
    /// A text.
    Text(&'v str),
    /// What only its `Debug` or `Display` tells.
    Formatted(fmt::Arguments<'v>),
    /// A number or a truth value.
    Bare(fmt::Arguments<'v>),
}

impl Fields<'_, '_> {
    /// Writes the event to the end of its line.
    pub(super) fn write(mut self, event: &Event<'_>) {
        if self.shape.has_repeated() {
            event.record(&mut Present(&mut self.present));
        }
        if self.shape.has_late_message() {
            self.seeks_message = true;
            event.record(&mut self);
            self.seeks_message = false;
        }
        event.record(&mut self);
        self.begin();
        match self.settings.format {
            LogFormat::Json => {
                if self.count > 0 {
                    self.line.push("}");
                }
                if self.line.is_cut() {
                    self.line.push(",\"truncated\":true");
                }
                self.line.push("}\n");
            }
            LogFormat::Pretty => {
                if let Some((trace, _)) = self.ids {
                    self.line.push(" trace_id=");
                    push_hex(self.line.buffer(), &trace.to_bytes());
                }
                self.line.push(if self.line.is_cut() { " (truncated)\n" } else { "\n" });
            }
        }
    }

    fn value(&mut self, field: &Field, value: Value<'_>) {
        if self.shape.message == Some(field.index()) {
            let is_masked = self.shape.masks(field, self.settings);
            self.message(if is_masked { Value::Text(MASK) } else { value });
        } else if !self.seeks_message {
            self.begin();
            self.field(field, value);
        }
    }

    fn message(&mut self, value: Value<'_>) {
        if self.has_begun {
            return;
        }
        self.has_begun = true;
        if self.settings.format == LogFormat::Json {
            match value {
                Value::Text(text) => self.line.quoted(text),
                Value::Formatted(text) | Value::Bare(text) => self.line.quoted_arguments(text),
            }
            self.trace();
        } else {
            self.line.push(": ");
            match value {
                Value::Text(text) => self.line.plain(format_args!("{text}")),
                Value::Formatted(text) | Value::Bare(text) => self.line.plain(text),
            }
        }
    }

    /// What comes before the first field, where there is no message.
    fn begin(&mut self) {
        if !self.has_begun && self.settings.format == LogFormat::Json {
            self.line.push("\"\"");
            self.trace();
        }
        self.has_begun = true;
    }

    fn trace(&mut self) {
        let Some((trace, span)) = self.ids else { return };
        self.line.push(",\"trace_id\":\"");
        push_hex(self.line.buffer(), &trace.to_bytes());
        self.line.push("\",\"span_id\":\"");
        push_hex(self.line.buffer(), &span.to_bytes());
        self.line.push("\"");
    }

    fn field(&mut self, field: &Field, value: Value<'_>) {
        let name = name_of(field);
        // A number, the quotes and the comma fit in 64 bytes.
        if self.shape.is_repeated(field, self.present) || !self.line.has_room(name.len() + 64) {
            return;
        }
        let is_masked = self.shape.masks(field, self.settings);
        if self.settings.format == LogFormat::Json {
            self.line.push(if self.count == 0 { ",\"fields\":{" } else { "," });
            self.line.quoted(name);
            self.line.push(":");
            match value {
                _ if is_masked => self.line.quoted(MASK),
                Value::Text(text) => self.line.quoted(text),
                Value::Formatted(text) => self.line.quoted_arguments(text),
                Value::Bare(text) => {
                    let _ = fmt::write(self.line.buffer(), text);
                }
            }
        } else {
            self.line.plain(format_args!(" {name}="));
            match value {
                _ if is_masked => self.line.push(MASK),
                Value::Text(text) => self.line.plain(format_args!("{text:?}")),
                Value::Formatted(text) | Value::Bare(text) => self.line.plain(text),
            }
        }
        self.count += 1;
    }
}

fn push_hex(line: &mut String, bytes: &[u8]) {
    let mut text = [b'0'; 32];
    let text = &mut text[..bytes.len() * 2];
    hex::encode(bytes, text);
    // Digits are always text.
    line.push_str(std::str::from_utf8(text).unwrap_or_default());
}

impl Visit for Fields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.value(field, Value::Formatted(format_args!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, Value::Text(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let chain = Chain(value);
        match self.settings.format {
            LogFormat::Json => self.value(field, Value::Formatted(format_args!("{chain}"))),
            LogFormat::Pretty => self.value(field, Value::Text(&chain.to_string())),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, Value::Bare(format_args!("{value}")));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, Value::Bare(format_args!("{value}")));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, Value::Bare(format_args!("{value}")));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no number that is not finite, so those are texts.
        let text = format_args!("{value:?}");
        self.value(field, if value.is_finite() { Value::Bare(text) } else { Value::Formatted(text) });
    }

    // Readers of JSON take a number that is too long for them for another one. Most are short: `as_millis()`
    // of a time is a `u128`.
    fn record_u128(&mut self, field: &Field, value: u128) {
        let text = format_args!("{value}");
        self.value(field, u64::try_from(value).map_or(Value::Formatted(text), |_| Value::Bare(text)));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        let text = format_args!("{value}");
        self.value(field, i64::try_from(value).map_or(Value::Formatted(text), |_| Value::Bare(text)));
    }
}

/// Notes which fields an event has: one that is declared may be left empty.
struct Present<'p>(&'p mut u64);

impl Visit for Present<'_> {
    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        *self.0 |= bit(field.index()).unwrap_or(0);
    }
}

/// An error and what caused it.
struct Chain<'e>(&'e (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
