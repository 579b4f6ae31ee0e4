//! From ended spans to the collector, in batches, off the request path.
//!
//! The SDK's batch processor has a thread without a Tokio runtime, in which the
//! HTTP client panics, and an exporter that is fixed for its life. Here a task of
//! the runtime sends the batches, through whichever exporter is in force then.

use super::Exporter;
use arc_swap::ArcSwapOption;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Spans that wait for a batch; more are dropped and counted.
const QUEUE: usize = 2048;
/// Spans in one batch.
const BATCH: usize = 512;
/// How long the first span of a batch waits for others.
const DELAY: Duration = Duration::from_secs(1);

enum Message {
    Span(Box<SpanData>),
    Flush(oneshot::Sender<()>),
}

/// Where ended spans go. Clones are the same pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    shared: Arc<Shared>,
    sender: mpsc::Sender<Message>,
}

#[derive(Debug)]
struct Shared {
    exporter: ArcSwapOption<Exporter>,
    idle: Mutex<Option<mpsc::Receiver<Message>>>,
    failing: AtomicBool,
    exported: AtomicU64,
    dropped: AtomicU64,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let shared = Shared {
            exporter: ArcSwapOption::empty(),
            idle: Mutex::new(Some(receiver)),
            failing: AtomicBool::new(false),
            exported: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared), sender }
    }

    /// From the next batch on, spans go there; to nowhere for none.
    pub(crate) fn export_to(&self, exporter: Option<Arc<Exporter>>) {
        let wanted = exporter.is_some();
        self.shared.exporter.store(exporter);
        if wanted {
            self.start();
        }
    }

    /// Starts the task that sends, once, with the first exporter.
    fn start(&self) {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(receiver) = idle.take() {
            tokio::spawn(run(Arc::clone(&self.shared), receiver));
        }
    }

    /// Spans sent, and spans dropped because the queue was full or the collector did not take them.
    pub(crate) fn snapshot(&self) -> (u64, u64) {
        (self.shared.exported.load(Relaxed), self.shared.dropped.load(Relaxed))
    }

    /// Sends what has ended so far; gives up at the deadline.
    pub(crate) async fn flush(&self, deadline: Duration) {
        if self.shared.exporter.load().is_none() {
            return;
        }
        let flushed = async {
            let (done, wait) = oneshot::channel();
            if self.sender.send(Message::Flush(done)).await.is_ok() {
                let _ = wait.await;
            }
        };
        if tokio::time::timeout(deadline, flushed).await.is_err() {
            tracing::warn!(name: "traces.flush_timed_out", deadline_ms = deadline.as_millis(), "spans were left unsent");
        }
    }
}

impl SpanProcessor for Pipeline {
    fn on_start(&self, _span: &mut Span, _cx: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if self.shared.exporter.load().is_some() && self.sender.try_send(Message::Span(Box::new(span))).is_err() {
            self.shared.dropped.fetch_add(1, Relaxed);
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

async fn run(shared: Arc<Shared>, mut messages: mpsc::Receiver<Message>) {
    let mut batch = Vec::new();
    while let Some(first) = messages.recv().await {
        let flushed = fill(first, &mut batch, &mut messages).await;
        shared.send(std::mem::take(&mut batch)).await;
        if let Some(flushed) = flushed {
            let _ = flushed.send(());
        }
    }
}

/// Collects a batch: until it is full, its first span is old enough, or somebody waits for it.
async fn fill(
    first: Message,
    batch: &mut Vec<SpanData>,
    messages: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    let due = tokio::time::sleep(DELAY);
    tokio::pin!(due);
    let mut next = Some(first);
    loop {
        match next? {
            Message::Span(span) => batch.push(*span),
            Message::Flush(done) => return Some(done),
        }
        if batch.len() == BATCH {
            return None;
        }
        next = tokio::select! {
            message = messages.recv() => message,
            () = &mut due => return None,
        };
    }
}

impl Shared {
    async fn send(&self, batch: Vec<SpanData>) {
        let Some(exporter) = self.exporter.load_full().filter(|_| !batch.is_empty()) else { return };
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        match exporter.send(batch).await {
            Ok(()) => {
                self.exported.fetch_add(spans, Relaxed);
                if self.failing.swap(false, Relaxed) {
                    tracing::info!(name: "traces.export_recovered", "the collector takes spans again");
                }
            }
            Err(error) => {
                self.dropped.fetch_add(spans, Relaxed);
                // Once for each outage: a line a batch would drown the log.
                if !self.failing.swap(true, Relaxed) {
                    tracing::warn!(name: "traces.export_failed", %error, "the collector did not take spans");
                }
            }
        }
    }
}
