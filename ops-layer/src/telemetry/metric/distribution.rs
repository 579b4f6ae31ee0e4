//! The value of a histogram, and what leads from it to a trace.

use super::families::Number;
use opentelemetry::trace::{SpanId, TraceId};
use std::time::{Duration, SystemTime};

/// How values are spread over buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// By their bounds, which rise; the last one's is infinite.
    pub buckets: Vec<MetricBucket>,
    /// The sum of all values.
    pub sum: Number,
}

/// One bucket of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricBucket {
    /// The greatest value that is counted here.
    pub bound: f64,
    /// How many values are at most that: those of the buckets below are counted as well.
    pub count: u64,
    /// One of the values in this bucket and in none below.
    pub exemplar: Option<Exemplar>,
}

/// One request of those that were counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exemplar {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its span.
    pub span_id: SpanId,
    /// How long it took.
    pub value: Duration,
    /// When it ended.
    pub at: SystemTime,
}

/// Some quantiles of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// Which quantile, 0.0 to 1.0, and the value there.
    pub quantiles: Vec<(f64, f64)>,
    /// How many values there were.
    pub count: u64,
    /// The sum of all values.
    pub sum: Number,
}

impl Distribution {
    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.last().map_or(0, |bucket| bucket.count)
    }
}
