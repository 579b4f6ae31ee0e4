//! Where ended spans go: a bounded queue, from which the courier takes them.
//!
//! When the queue is full the newest span is dropped: what came first tells how an outage began,
//! and to take the oldest out again would need a lock that every request shares with the courier.

use super::{
    counts::{Counted, Counts, Loss},
    courier::Courier,
    exporter::Exporter,
    size::estimate,
    wanted::{Flush, Wanted},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot, watch,
    },
    time::{timeout, Instant},
};

/// Spans that wait for a batch; more are dropped and counted.
const QUEUE: usize = 2048;
/// Who may wait for a flush at once; more wait for their turn.
const FLUSHES: usize = 8;

/// As long as anybody may wait for a flush: a year. A moment much further away is none.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// Where ended spans go. Clones are the same pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    queue: mpsc::Sender<Box<SpanData>>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Whether there is a collector: all that a request asks.
    wanted: AtomicBool,
    counts: Arc<Counts>,
    targets: watch::Sender<Option<Arc<Exporter>>>,
    flushes: mpsc::Sender<Flush>,
    /// The courier until it begins, with the first collector.
    idle: Mutex<Option<Courier<Exporter>>>,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        let (queue, spans) = mpsc::channel(QUEUE);
        let (flushes, orders) = mpsc::channel(FLUSHES);
        let (targets, target) = watch::channel(None);
        let counts = Arc::<Counts>::default();
        let courier = Courier::new(spans, Wanted::new(target, orders), Arc::clone(&counts));
        let shared =
            Shared { wanted: AtomicBool::new(false), counts, targets, flushes, idle: Mutex::new(Some(courier)) };
        Self { queue, shared: Arc::new(shared) }
    }

    /// From the next try on, spans go there. For none, what waits still goes to the collector there
    /// was, within the time of one try, and no more is taken. Within a Tokio runtime.
    pub(crate) fn export_to(&self, exporter: Option<Arc<Exporter>>) {
        let is_wanted = exporter.is_some();
        self.shared.wanted.store(is_wanted, Relaxed);
        self.shared.targets.send_if_modified(|target| {
            let before = std::mem::replace(target, exporter);
            before.as_ref().map(Arc::as_ptr) != target.as_ref().map(Arc::as_ptr)
        });
        if is_wanted {
            self.start();
        }
    }

    /// Whether spans go anywhere.
    pub(in crate::telemetry::trace) fn is_wanted(&self) -> bool {
        self.shared.wanted.load(Relaxed)
    }

    fn start(&self) {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(courier) = idle.take() {
            tokio::spawn(courier.work());
        } else if self.queue.is_closed() {
            tracing::error!(name: "traces.export_ended", "no spans are sent: the runtime that sent them has ended");
        }
    }

    /// What became of the spans so far.
    pub(crate) fn snapshot(&self) -> Counted {
        self.shared.counts.snapshot(self.queue.max_capacity() - self.queue.capacity())
    }

    /// Sends what has ended so far, each batch with one more try, and drops at the deadline what the
    /// collector has not taken.
    pub(crate) async fn flush(&self, deadline: Duration) {
        if self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return;
        }
        let flushed = async {
            let (done, wait) = oneshot::channel();
            // A little less than all of the time, so that the courier still says what it dropped.
            let by = Instant::now() + deadline.min(LONGEST).mul_f32(0.9);
            if self.shared.flushes.send(Flush { by, done }).await.is_ok() {
                let _ = wait.await;
            }
        };
        let _ = timeout(deadline, flushed).await;
    }
}

impl SpanProcessor for Pipeline {
    fn on_start(&self, _span: &mut Span, _cx: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if !self.is_wanted() {
            return;
        }
        let (counts, bytes) = (&self.shared.counts, estimate(&span));
        if !counts.admit(bytes) {
            return counts.lose(1, Loss::QueueFull);
        }
        if let Err(error) = self.queue.try_send(Box::new(span)) {
            counts.release(bytes);
            counts.lose(1, if matches!(error, TrySendError::Full(_)) { Loss::QueueFull } else { Loss::Abandoned });
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        // `flush` does it, without blocking a thread of the runtime.
        Ok(())
    }
}

#[cfg(test)]
mod tests;
