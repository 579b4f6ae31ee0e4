//! What was received.

use serde_json::Value;
use std::sync::Arc;

/// One request to the receiver.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Over which of its ways it came.
    pub(crate) by: String,
    /// When, in seconds since 1970.
    pub(crate) at: f64,
    pub(crate) headers: Value,
    /// `ok`, or the order that it fell under.
    pub(crate) answered: String,
    pub(crate) spans: Vec<Arc<Span>>,
}

/// One span, its ids as hexadecimal digits.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty where there is none.
    pub(crate) parent: String,
    pub(crate) name: String,
    /// `server`, `client`, `internal`.
    pub(crate) kind: String,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) attributes: Value,
    pub(crate) resource: Value,
    /// `unset`, `ok`, `error`.
    pub(crate) status: String,
}

impl Batch {
    pub(crate) fn read(said: &Value) -> Self {
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        let spans = said["spans"].as_array().expect("a list").iter();
        Self {
            by: text("by"),
            at: said["at"].as_f64().expect("a time"),
            headers: said["headers"].clone(),
            answered: text("answered"),
            spans: spans.map(|span| Arc::new(Span::read(span))).collect(),
        }
    }
}

impl Span {
    fn read(said: &Value) -> Self {
        let text = |name: &str| said[name].as_str().expect("a text").to_owned();
        let time = |name: &str| said[name].as_u64().expect("a time");
        Self {
            trace: text("trace"),
            id: text("span"),
            parent: text("parent"),
            name: text("name"),
            kind: text("kind"),
            start: time("start"),
            end: time("end"),
            attributes: said["attributes"].clone(),
            resource: said["resource"].clone(),
            status: text("status"),
        }
    }

    /// Which request of a [`crate::traffic::Traffic`] it is of.
    pub(crate) fn number(&self) -> usize {
        let agent = self.attributes["user_agent.original"].as_str().and_then(|agent| agent.strip_prefix("test/"));
        agent.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no number: {self:?}"))
    }
}
