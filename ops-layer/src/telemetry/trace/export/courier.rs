//! The task that brings spans to the collector, a batch at a time.
//!
//! It waits for several things at once and is told news in the midst of each: another collector,
//! somebody who waits for the rest. Its state is in its fields and not in its futures, so that
//! nothing is lost when one of them is dropped.

use super::{
    answer::Answer,
    batch::{encode, Batch},
    counts::{Counts, Held, Loss},
    outage::Outage,
    retry::Retry,
    size::estimate,
    wanted::Wanted,
    way::Way,
};
use crate::clock::Moment;
use opentelemetry_sdk::trace::SpanData;
use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, Mutex},
    time::{sleep, sleep_until, timeout, Instant},
};

/// Spans in one batch.
const BATCH: usize = 512;
/// How long the first span of a batch waits for others.
const DELAY: Duration = Duration::from_secs(1);
/// How often the queue is looked into until then: often enough that it does not fill in between.
const LOOK: Duration = Duration::from_millis(20);

/// Brings spans to the collector.
#[derive(Debug)]
pub(super) struct Courier<W> {
    queue: mpsc::Receiver<Box<SpanData>>,
    wanted: Wanted<W>,
    counts: Arc<Counts>,
    /// The batch that is being filled.
    spans: Vec<SpanData>,
    /// The room that its spans have taken.
    bytes: usize,
    /// What is to be sent next, in order.
    batches: VecDeque<Batch>,
    /// The collector that the last try went to.
    to: Option<Arc<W>>,
    outage: Outage,
    random: fastrand::Rng,
}

impl<W: Way> Courier<W> {
    pub(super) fn new(queue: mpsc::Receiver<Box<SpanData>>, wanted: Wanted<W>, counts: Arc<Counts>) -> Self {
        Self {
            queue,
            wanted,
            counts,
            spans: Vec::new(),
            bytes: 0,
            batches: VecDeque::new(),
            to: None,
            outage: Outage::default(),
            random: fastrand::Rng::new(),
        }
    }

    /// Works until the pipeline is gone. A panic costs the batch in hand: the rest is still there.
    pub(super) async fn work(self) {
        let courier = Arc::new(Mutex::new(self));
        loop {
            let courier = Arc::clone(&courier);
            let run = tokio::spawn(async move { courier.lock().await.run().await });
            match run.await {
                Err(failed) if failed.is_panic() => {
                    tracing::error!(name: "traces.export_panicked", "sending spans failed and begins anew");
                }
                // Done, or the runtime ends.
                _ => return,
            }
        }
    }

    async fn run(&mut self) {
        loop {
            while let Some(batch) = self.batches.pop_front() {
                self.deliver(batch).await;
            }
            if !self.gather().await {
                return;
            }
            let spans = std::mem::take(&mut self.spans);
            self.counts.release(std::mem::take(&mut self.bytes));
            let held = Held::new(spans.len(), &self.counts);
            match self.wanted.way().filter(|_| !self.is_late()) {
                Some(way) => {
                    held.passed_on();
                    self.batches.extend(encode(spans, way.resource(), &self.counts));
                }
                None => self.too_late(held),
            }
        }
    }

    /// Collects a batch, until it is full, its first span is old enough, or somebody waits for it.
    /// False when there will be none.
    async fn gather(&mut self) -> bool {
        let mut due = None;
        loop {
            while self.spans.len() < BATCH {
                let Ok(span) = self.queue.try_recv() else { break };
                self.put(span);
            }
            if self.spans.len() == BATCH {
                return true;
            }
            if self.wanted.by().is_some() {
                if !self.spans.is_empty() {
                    return true;
                }
                self.wanted.flushed();
            }
            if self.wanted.is_closed() {
                return false;
            }
            if !self.spans.is_empty() && *due.get_or_insert_with(|| Instant::now() + DELAY) <= Instant::now() {
                return true;
            }
            tokio::select! {
                span = self.queue.recv(), if self.spans.is_empty() => span.into_iter().for_each(|span| self.put(span)),
                // Not woken by each span: that would be a call of the system on the request's thread.
                () = sleep(LOOK), if !self.spans.is_empty() => {}
                () = self.wanted.news() => {}
            }
        }
    }

    /// Sends a batch until it is taken or there is no point in it any more.
    async fn deliver(&mut self, batch: Batch) {
        let mut retry = Retry::begin(Moment::now());
        loop {
            let Some(way) = self.wanted.way().filter(|_| !self.is_late()) else { return self.too_late(batch.held) };
            if !is_same(self.to.as_ref(), &way) {
                // Another collector has patience of its own, and its failure is news.
                retry = Retry::begin(Moment::now());
                self.outage.retarget();
                self.to = Some(Arc::clone(&way));
            }
            let is_last = self.wanted.by().is_some();
            match self.attempt(&*way, &batch).await {
                Answer::Taken { rejected } => {
                    batch.held.taken(rejected);
                    return self.outage.taken(way.endpoint(), rejected, self.counts.lost());
                }
                Answer::Refused { cause } => {
                    self.outage.failed(way.endpoint(), &cause, self.counts.lost());
                    return batch.held.lost(Loss::Refused);
                }
                Answer::Later { after, cause } => {
                    self.outage.failed(way.endpoint(), &cause, self.counts.lost());
                    if !is_same(self.wanted.way().as_ref(), &way) {
                        // Whatever became of the try there, the new one has not been asked.
                        continue;
                    }
                    if is_last && self.wanted.by().is_some() {
                        return self.too_late(batch.held);
                    }
                    let Some(pause) = retry.pause(Moment::now(), after, self.random.f64()) else {
                        return batch.held.lost(Loss::Expired);
                    };
                    // Whatever is new, another collector or the end, is reason enough to try again.
                    if self.wanted.by().is_none() {
                        let _ = timeout(pause, self.wanted.news()).await;
                    }
                }
            }
        }
    }

    /// One try. What is new in the meantime does not end it, unless it is that time is up.
    async fn attempt(&mut self, way: &W, batch: &Batch) -> Answer {
        let mut answer = pin!(timeout(way.timeout(), way.send(batch.body.clone())));
        loop {
            let by = self.wanted.by();
            tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(|_| {
                    way.give_up();
                    Answer::later(format!("no answer within {:?}", way.timeout()))
                }),
                () = sleep_until(by.unwrap_or_else(Instant::now)), if by.is_some() => {
                    return Answer::later("no answer before the end");
                }
                () = self.wanted.news() => {}
            }
        }
    }

    fn is_late(&self) -> bool {
        self.wanted.by().is_some_and(|by| by <= Instant::now())
    }

    fn too_late(&mut self, held: Held) {
        let loss = self.wanted.too_late(held.spans());
        held.lost(loss);
    }
}

impl<W> Courier<W> {
    fn put(&mut self, span: Box<SpanData>) {
        self.bytes += estimate(&span);
        self.spans.push(*span);
    }
}

impl<W> Drop for Courier<W> {
    /// What the batches do not hold: the runtime has ended, and nobody will send it.
    fn drop(&mut self) {
        self.queue.close();
        while let Ok(span) = self.queue.try_recv() {
            self.put(span);
        }
        self.counts.release(self.bytes);
        self.counts.lose(u64::try_from(self.spans.len()).unwrap_or(u64::MAX), Loss::Abandoned);
    }
}

fn is_same<W>(one: Option<&Arc<W>>, other: &Arc<W>) -> bool {
    one.is_some_and(|one| Arc::ptr_eq(one, other))
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
