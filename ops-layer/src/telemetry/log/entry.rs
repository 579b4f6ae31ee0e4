//! One log line.

use super::json;
use crate::telemetry::trace::hex;
use humantime::format_rfc3339_millis;
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::section::LogFormat;
use std::{error::Error, fmt, time::SystemTime};
use tracing::{
    field::{Field, Visit},
    Event, Level,
};

/// One log line before it is written: what happened, when, and in which trace.
#[derive(Debug)]
pub struct LogEntry<'e> {
    /// When.
    pub timestamp: SystemTime,
    /// The service's name.
    pub service: &'e str,
    /// Trace and span of the request it belongs to, if any.
    pub trace: Option<(TraceId, SpanId)>,
    /// What happened.
    pub event: &'e Event<'e>,
}

impl LogEntry<'_> {
    /// Appends the line, its line break included.
    pub fn write(&self, format: LogFormat, line: &mut String) {
        match format {
            LogFormat::Json => self.json(line),
            LogFormat::Pretty => self.pretty(line),
        }
        line.push('\n');
    }

    /// One object: whoever reads it finds the same keys in every line.
    fn json(&self, line: &mut String) {
        let metadata = self.event.metadata();
        line.push_str("{\"timestamp\":");
        json::display(line, format_rfc3339_millis(self.timestamp));
        line.push_str(",\"level\":");
        json::string(line, metadata.level().as_str());
        line.push_str(",\"service\":");
        json::string(line, self.service);
        line.push_str(",\"target\":");
        json::string(line, metadata.target());
        if let Some(name) = self.name() {
            line.push_str(",\"event\":");
            json::string(line, name);
        }
        self.event.record(&mut Message { line, before: ",\"message\":", quoted: true });
        if let Some((trace, span)) = self.trace {
            line.push_str(",\"trace_id\":\"");
            push_hex(line, &trace.to_bytes());
            line.push_str("\",\"span_id\":\"");
            push_hex(line, &span.to_bytes());
            line.push('"');
        }
        let mut fields = Fields { line, count: 0, json: true };
        self.event.record(&mut fields);
        if fields.count > 0 {
            line.push('}');
        }
        line.push('}');
    }

    /// For people: time, level, message, fields; the trace at the end.
    fn pretty(&self, line: &mut String) {
        let metadata = self.event.metadata();
        let time = format_rfc3339_millis(self.timestamp);
        let _ = fmt::write(line, format_args!("{time} {:<5} {}", metadata.level().as_str(), metadata.target()));
        if let Some(name) = self.name() {
            line.push(' ');
            plain(line, name);
        }
        self.event.record(&mut Message { line, before: ": ", quoted: false });
        self.event.record(&mut Fields { line, count: 0, json: false });
        if let Some((trace, _)) = self.trace {
            line.push_str(" trace_id=");
            push_hex(line, &trace.to_bytes());
        }
    }

    /// The event's name, if its author gave it one; `tracing` names the others by their place in the source.
    fn name(&self) -> Option<&'static str> {
        let name = self.event.metadata().name();
        (!name.starts_with("event ")).then_some(name)
    }

    /// How bad it is.
    #[must_use]
    pub fn level(&self) -> Level {
        *self.event.metadata().level()
    }
}

fn push_hex(line: &mut String, bytes: &[u8]) {
    let mut text = [b'0'; 32];
    let text = &mut text[..bytes.len() * 2];
    hex::encode(bytes, text);
    line.extend(text.iter().map(|digit| char::from(*digit)));
}

/// Control characters would let one event look like two lines.
fn plain(line: &mut String, text: &str) {
    line.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
}

/// Takes the message alone.
struct Message<'l> {
    line: &'l mut String,
    before: &'static str,
    quoted: bool,
}

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "message" {
            return;
        }
        self.line.push_str(self.before);
        if self.quoted {
            json::debug(self.line, format_args!("{value:?}"));
        } else {
            plain(self.line, &format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// Takes everything but the message.
struct Fields<'l> {
    line: &'l mut String,
    count: usize,
    json: bool,
}

impl Fields<'_> {
    /// Writes the name; false for the message.
    fn open(&mut self, field: &Field) -> bool {
        let name = field.name();
        if name == "message" {
            return false;
        }
        if self.json {
            self.line.push_str(if self.count == 0 { ",\"fields\":{" } else { "," });
            json::string(self.line, name);
            self.line.push(':');
        } else {
            self.line.push(' ');
            self.line.push_str(name);
            self.line.push('=');
        }
        self.count += 1;
        true
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        if !self.open(field) {
        } else if self.json {
            json::debug(self.line, text);
        } else {
            plain(self.line, &text.to_string());
        }
    }

    /// A value that is written alike in both forms.
    fn bare(&mut self, field: &Field, value: impl fmt::Display) {
        if self.open(field) {
            let _ = fmt::write(self.line, format_args!("{value}"));
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.json {
            self.text(field, format_args!("{value}"));
        } else {
            self.text(field, format_args!("{value:?}"));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if !self.open(field) {
            return;
        }
        let chain = Chain(value);
        if self.json {
            json::display(self.line, chain);
        } else {
            plain(self.line, &format!("{:?}", chain.to_string()));
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if self.open(field) {
            json::number(self.line, value);
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.text(field, format_args!("{value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.text(field, format_args!("{value}"));
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

#[cfg(test)]
mod tests;
