//! Which traces are asked for.

use super::{span_data::SpanStatus, view::Trace};
use std::time::Duration;

/// Which of the recent traces are asked for. By default the newest 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceFilter {
    /// At most so many.
    pub limit: usize,
    /// Only those that took so long or longer.
    pub min_duration: Duration,
    /// Only those of this status.
    pub status: Option<SpanStatus>,
    /// Only those with a span of this route, as in `http.route`: `/items/{id}`.
    pub route: Option<String>,
}

impl TraceFilter {
    /// How many are listed if nothing is said.
    pub const DEFAULT_LIMIT: usize = 20;

    pub(super) fn fits(&self, trace: &Trace) -> bool {
        let has_route = |route: &String| {
            trace
                .spans
                .iter()
                .any(|span| span.attributes.get("http.route").and_then(|said| said.as_str()) == Some(route))
        };
        trace.summary.duration >= self.min_duration
            && self.status.is_none_or(|status| status == trace.summary.status)
            && self.route.as_ref().is_none_or(has_route)
    }
}

impl Default for TraceFilter {
    fn default() -> Self {
        Self { limit: Self::DEFAULT_LIMIT, min_duration: Duration::ZERO, status: None, route: None }
    }
}
