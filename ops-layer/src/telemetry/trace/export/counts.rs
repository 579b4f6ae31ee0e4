//! What became of spans.

use std::sync::{
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    Arc,
};

/// Bytes that spans may take until they are in a batch. As many as may wait have 16 KiB each: what an outage
/// costs in memory is known, however large the program makes its spans.
pub(super) const ROOM: usize = 32 << 20;

/// Why a span was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The queue was full, by number or by bytes.
    QueueFull,
    /// The collector does not take the batch, and would not later.
    Refused,
    /// The collector took the batch without this one.
    Rejected,
    /// The collector could not be reached for so long that the batch was given up.
    Expired,
    /// The collector was taken out of the configuration, and did not take the rest in time.
    Removed,
    /// The process ended, and the collector did not take the rest in time.
    Shutdown,
    /// Nobody was left to send it: the runtime ended or the task failed.
    Abandoned,
}

/// All of them, in the order of the counters, as labels.
const LOSSES: [&str; 7] = ["queue_full", "refused", "rejected", "expired", "removed", "shutdown", "abandoned"];

/// How many spans went where, since the process began.
#[derive(Debug, Default)]
pub(super) struct Counts {
    exported: AtomicU64,
    lost: [AtomicU64; LOSSES.len()],
    /// Bytes of the spans that are not in a batch yet.
    waiting: AtomicUsize,
}

/// The counts at one moment.
#[derive(Debug)]
pub(in crate::telemetry) struct Counted {
    /// Taken by a collector.
    pub(in crate::telemetry) exported: u64,
    /// Dropped, by reason.
    pub(in crate::telemetry) dropped: [(&'static str, u64); LOSSES.len()],
    /// Waiting in the queue.
    pub(in crate::telemetry) queued: usize,
}

impl Counts {
    pub(super) fn lose(&self, spans: u64, loss: Loss) {
        self.lost[loss as usize].fetch_add(spans, Relaxed);
    }

    /// Takes room for a span, if there is enough of it.
    pub(super) fn admit(&self, bytes: usize) -> bool {
        let is_room = self.waiting.fetch_add(bytes, Relaxed).saturating_add(bytes) <= ROOM;
        if !is_room {
            self.release(bytes);
        }
        is_room
    }

    /// Gives the room of spans back.
    pub(super) fn release(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Relaxed);
    }

    /// Spans dropped for whatever reason.
    pub(super) fn lost(&self) -> u64 {
        self.lost.iter().map(|count| count.load(Relaxed)).sum()
    }

    pub(super) fn snapshot(&self, queued: usize) -> Counted {
        let mut dropped = LOSSES.map(|reason| (reason, 0));
        for ((_, number), count) in dropped.iter_mut().zip(&self.lost) {
            *number = count.load(Relaxed);
        }
        Counted { exported: self.exported.load(Relaxed), dropped, queued }
    }
}

/// Spans in somebody's hands. Each is counted once: as what became of them, or as abandoned.
#[derive(Debug)]
pub(super) struct Held {
    spans: u64,
    counts: Arc<Counts>,
}

impl Held {
    pub(super) fn new(spans: usize, counts: &Arc<Counts>) -> Self {
        Self { spans: u64::try_from(spans).unwrap_or(u64::MAX), counts: Arc::clone(counts) }
    }

    pub(super) fn spans(&self) -> u64 {
        self.spans
    }

    /// The collector took them, all but so many.
    pub(super) fn taken(mut self, rejected: u64) {
        let rejected = rejected.min(self.spans);
        self.counts.exported.fetch_add(self.spans - rejected, Relaxed);
        self.counts.lose(rejected, Loss::Rejected);
        self.spans = 0;
    }

    pub(super) fn lost(mut self, loss: Loss) {
        self.counts.lose(std::mem::take(&mut self.spans), loss);
    }

    /// Others hold them now.
    pub(super) fn passed_on(mut self) {
        self.spans = 0;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counts.lose(self.spans, Loss::Abandoned);
    }
}
