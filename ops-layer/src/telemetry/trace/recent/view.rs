//! A trace as it is shown: its spans in the order of the tree, and what they say together.

use super::{
    ring::Entry,
    span_data::{milliseconds, text, time, SpanData, SpanStatus},
};
use opentelemetry::trace::{SpanId, TraceId};
use serde::Serialize;
use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

/// One trace, as far as it went through this process. As JSON, times are as in [`SpanData`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceSummary {
    /// Its id.
    #[serde(serialize_with = "text")]
    pub trace_id: TraceId,
    /// What its first span did.
    pub root_operation: String,
    /// The service's name when the trace came.
    pub service: String,
    /// When its first span began.
    #[serde(serialize_with = "time")]
    pub start_time: SystemTime,
    /// From the begin of the first span to the end of the last.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// An error if one of its spans failed.
    pub status: SpanStatus,
    /// Spans that are shown.
    pub span_count: usize,
    /// Older spans that had to make room for these.
    pub dropped_spans: u64,
    /// Whether all spans of this process are here. Not so while the request is under way, and when some had to
    /// make room.
    pub complete: bool,
}

/// One trace with its spans.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// What they say together.
    #[serde(flatten)]
    pub summary: TraceSummary,
    /// Each before those that are part of it, and those by when they began.
    pub spans: Vec<SpanData>,
}

impl Trace {
    pub(super) fn new(entry: &Entry) -> Self {
        let mut spans: Vec<_> = entry.spans.iter().map(|kept| SpanData::from(&kept.span)).collect();
        // By when they began, and as they ended where that is the same moment: a parent ends last.
        spans.reverse();
        spans.sort_by_key(|span| span.start_time);
        let tree = Tree::new(&spans);
        let lost = tree.tops.iter().any(|top| spans[*top].parent_span_id.is_some() && !spans[*top].parent_is_remote);
        let start_time = spans.iter().map(|span| span.start_time).min().unwrap_or(SystemTime::UNIX_EPOCH);
        let ends = spans.iter().map(|span| span.start_time + span.duration);
        // The root of the whole trace if it is here, else whatever came in first.
        let root = tree.tops.iter().min_by_key(|top| (spans[**top].parent_span_id.is_some(), **top));
        let summary = TraceSummary {
            trace_id: entry.id,
            root_operation: root.map(|root| spans[*root].operation_name.clone()).unwrap_or_default(),
            service: entry.service.to_string(),
            start_time,
            duration: ends.max().and_then(|end| end.duration_since(start_time).ok()).unwrap_or_default(),
            status: spans.iter().map(|span| span.status).max().unwrap_or(SpanStatus::Unset),
            span_count: spans.len(),
            dropped_spans: entry.cut,
            complete: !lost && entry.cut == 0,
        };
        let mut spans: Vec<_> = spans.into_iter().map(Some).collect();
        Self { summary, spans: tree.order().into_iter().filter_map(|at| spans[at].take()).collect() }
    }
}

/// Who is part of whom, by places in a list.
struct Tree {
    /// Spans whose parent is not among them.
    tops: Vec<usize>,
    parts: Vec<Vec<usize>>,
}

impl Tree {
    fn new(spans: &[SpanData]) -> Self {
        let places: HashMap<SpanId, usize> = spans.iter().enumerate().map(|(at, span)| (span.span_id, at)).collect();
        let (mut tops, mut parts) = (Vec::new(), vec![Vec::new(); spans.len()]);
        for (at, span) in spans.iter().enumerate() {
            match span.parent_span_id.and_then(|parent| places.get(&parent)) {
                Some(parent) => parts[*parent].push(at),
                None => tops.push(at),
            }
        }
        Self { tops, parts }
    }

    /// Each before its parts. A circle, which only made-up ids can form, comes at the end.
    fn order(&self) -> Vec<usize> {
        let (mut order, mut seen) = (Vec::with_capacity(self.parts.len()), vec![false; self.parts.len()]);
        for from in self.tops.iter().copied().chain(0..self.parts.len()) {
            let mut next = vec![from];
            while let Some(at) = next.pop() {
                if !std::mem::replace(&mut seen[at], true) {
                    order.push(at);
                    next.extend(self.parts[at].iter().rev());
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests;
