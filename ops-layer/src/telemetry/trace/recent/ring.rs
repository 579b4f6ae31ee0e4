//! The bounded set of traces: a machine without a clock or a lock.
//!
//! A trace moves to the front with each span that joins it; the ones at the back make room. Traces that
//! were begun here and traces that callers brought stand in two rows, of which the one that has more than
//! its half makes room. So callers that have everything recorded cannot push out what was chosen here.

use super::{bounds::Bounds, kept::Kept};
use opentelemetry::trace::{SpanId, TraceId};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// The traces that are kept.
#[derive(Debug)]
pub(super) struct Ring {
    bounds: Bounds,
    traces: HashMap<TraceId, Arc<Entry>>,
    callers: Row,
    own: Row,
    stamp: u64,
}

/// Traces by when a span last joined them.
#[derive(Debug, Default)]
struct Row {
    order: BTreeMap<u64, TraceId>,
    bytes: usize,
}

/// One trace. Whoever reads takes a clone of the pointer; it is copied only if a span joins meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: TraceId,
    /// The service's name when the trace came.
    pub(super) service: Arc<str>,
    /// In the order in which they ended.
    pub(super) spans: VecDeque<Arc<Kept>>,
    /// Spans that were pushed out by newer ones.
    pub(super) cut: u64,
    bytes: usize,
    stamp: u64,
    is_own: bool,
}

/// What had to go. The caller drops it, when it has let go of the lock.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// A new trace takes the place of one, so this is where most go, without an allocation.
    trace: Option<Arc<Entry>>,
    traces: Vec<Arc<Entry>>,
    spans: Vec<Arc<Kept>>,
}

impl Gone {
    fn add(&mut self, trace: Arc<Entry>) {
        self.traces.extend(self.trace.replace(trace));
    }
}

impl Ring {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, traces: HashMap::new(), callers: Row::default(), own: Row::default(), stamp: 0 }
    }

    /// Adds a span to its trace, or begins one with it.
    pub(super) fn push(&mut self, span: Arc<Kept>, service: &Arc<str>) -> Gone {
        let mut gone = Gone::default();
        let id = span.span.span_context.trace_id();
        let mut trace = self.take(id).unwrap_or_else(|| Arc::new(Entry::new(id, Arc::clone(service))));
        self.stamp += 1;
        let changed = Arc::make_mut(&mut trace);
        changed.stamp = self.stamp;
        changed.add(span, &self.bounds, &mut gone.spans);
        self.put(trace);
        self.make_room(&mut gone);
        gone
    }

    /// One trace.
    pub(super) fn get(&self, id: TraceId) -> Option<Arc<Entry>> {
        self.traces.get(&id).map(Arc::clone)
    }

    /// All traces, in no order.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        self.traces.values().map(Arc::clone).collect()
    }

    fn take(&mut self, id: TraceId) -> Option<Arc<Entry>> {
        let trace = self.traces.remove(&id)?;
        let row = self.row(trace.is_own);
        row.order.remove(&trace.stamp);
        row.bytes -= trace.bytes;
        Some(trace)
    }

    fn put(&mut self, trace: Arc<Entry>) {
        let row = self.row(trace.is_own);
        row.order.insert(trace.stamp, trace.id);
        row.bytes += trace.bytes;
        self.traces.insert(trace.id, trace);
    }

    fn row(&mut self, is_own: bool) -> &mut Row {
        if is_own {
            &mut self.own
        } else {
            &mut self.callers
        }
    }

    /// A trace that just changed is never the one to go: a row with more than its half has others.
    fn make_room(&mut self, gone: &mut Gone) {
        loop {
            let callers_have_more = if self.traces.len() > self.bounds.traces {
                self.callers.order.len() > self.bounds.traces / 2
            } else if self.callers.bytes + self.own.bytes > self.bounds.bytes {
                self.callers.bytes > self.bounds.bytes / 2
            } else {
                return;
            };
            let row = if callers_have_more { &self.callers } else { &self.own };
            let Some((_, id)) = row.order.first_key_value() else { return };
            let Some(trace) = self.take(*id) else { return };
            gone.add(trace);
        }
    }
}

impl Entry {
    fn new(id: TraceId, service: Arc<str>) -> Self {
        Self { id, service, spans: VecDeque::new(), cut: 0, bytes: 0, stamp: 0, is_own: false }
    }

    /// Children end before their parents, so of a trace that is too large the root is among what stays.
    fn add(&mut self, span: Arc<Kept>, bounds: &Bounds, gone: &mut Vec<Arc<Kept>>) {
        self.is_own |= span.span.parent_span_id == SpanId::INVALID;
        self.bytes += span.bytes;
        self.spans.push_back(span);
        while self.spans.len() > bounds.spans || (self.bytes > bounds.trace_bytes() && self.spans.len() > 1) {
            let Some(oldest) = self.spans.pop_front() else { return };
            self.bytes -= oldest.bytes;
            self.cut += 1;
            gone.push(oldest);
        }
    }
}

#[cfg(test)]
mod tests;
