//! How much is kept.

/// How much is kept. One trace may take an eighth of all bytes, and a quarter of that one span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Traces; 2 or more.
    pub(super) traces: usize,
    /// Spans of one trace; 1 or more.
    pub(super) spans: usize,
    /// Bytes of all traces, by a careful guess.
    pub(super) bytes: usize,
}

impl Bounds {
    /// Some hundred traces of a few spans, as a person can look through; a few megabytes at the very most.
    pub(super) const DEFAULT: Self = Self { traces: 256, spans: 256, bytes: 4 << 20 };

    /// Bytes of one trace.
    pub(super) const fn trace_bytes(&self) -> usize {
        self.bytes / 8
    }

    /// Bytes of one span.
    pub(super) const fn span_bytes(&self) -> usize {
        self.bytes / 32
    }
}
