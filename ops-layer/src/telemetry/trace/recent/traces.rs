//! What the process holds, and what programs read.

use super::{
    bounds::Bounds,
    filter::TraceFilter,
    kept::Kept,
    ring::Ring,
    view::{Trace, TraceSummary},
};
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::trace::SpanData;
use std::{
    cmp::Reverse,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The traces that ended last: at most 256, with at most 256 spans each, in at most 4 MiB. Clones are the same.
///
/// ```no_run
/// use ops_layer::{telemetry::trace::{SpanStatus, TraceFilter}, Ops};
///
/// # fn run(ops: &Ops) {
/// let failed = TraceFilter { status: Some(SpanStatus::Error), ..TraceFilter::default() };
/// for trace in ops.traces().list(&failed) {
///     println!("{} {} took {:?}", trace.trace_id, trace.root_operation, trace.duration);
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct RecentTraces {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    ring: Ring,
    service: Arc<str>,
}

impl fmt::Debug for RecentTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecentTraces").finish_non_exhaustive()
    }
}

impl RecentTraces {
    pub(in crate::telemetry) fn new(service: &str) -> Self {
        let shared = Shared { ring: Ring::new(Bounds::DEFAULT), service: service.into() };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// Traces that come from now on are of a service of this name.
    pub(in crate::telemetry) fn name_service(&self, service: &str) {
        self.lock().service = service.into();
    }

    /// Keeps a span that has ended.
    pub(in crate::telemetry::trace) fn keep(&self, span: SpanData) {
        let span = Arc::new(Kept::new(span, Bounds::DEFAULT.span_bytes()));
        // Only requests that are recorded come here, and each for the time of a few look-ups: what must go is
        // dropped after the lock, and who reads takes pointers only. A queue with a task that empties it would
        // cost a request as much, and show what has ended only later.
        let gone = {
            let mut shared = self.lock();
            let service = Arc::clone(&shared.service);
            shared.ring.push(span, &service)
        };
        drop(gone);
    }

    /// The traces that fit, those that began last first.
    #[must_use]
    pub fn list(&self, filter: &TraceFilter) -> Vec<TraceSummary> {
        let all = self.lock().ring.all();
        let mut fitting: Vec<_> = all
            .iter()
            .map(|entry| Trace::new(entry))
            .filter(|trace| filter.fits(trace))
            .map(|trace| trace.summary)
            .collect();
        fitting.sort_by_key(|summary| Reverse((summary.start_time, summary.trace_id.to_bytes())));
        fitting.truncate(filter.limit);
        fitting
    }

    /// One trace with all its spans; none if there never was one, or it had to make room.
    #[must_use]
    pub fn get(&self, id: TraceId) -> Option<Trace> {
        let entry = self.lock().ring.get(id)?;
        Some(Trace::new(&entry))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing panics while it is held, unless memory is out.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
