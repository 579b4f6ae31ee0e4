//! What the courier is asked to do: where to, and how quickly.

use super::{counts::Loss, way::Way};
use std::{future::pending, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// Somebody waits until what there is has been sent, or dropped at a moment.
#[derive(Debug)]
pub(super) struct Flush {
    pub(super) by: Instant,
    pub(super) done: oneshot::Sender<()>,
}

/// What the courier is asked to do, as far as it has heard.
#[derive(Debug)]
pub(super) struct Wanted<W> {
    targets: watch::Receiver<Option<Arc<W>>>,
    orders: mpsc::Receiver<Flush>,
    /// The collector in force, or the last one there was.
    way: Option<Arc<W>>,
    /// Until when that one gets what waits, if it is not in force any more.
    retired: Option<Instant>,
    /// Until when those who wait have it sent.
    flush: Option<Instant>,
    waiting: Vec<oneshot::Sender<()>>,
    /// Spans dropped while they wait.
    unsent: u64,
    closed: bool,
}

impl<W: Way> Wanted<W> {
    pub(super) fn new(targets: watch::Receiver<Option<Arc<W>>>, orders: mpsc::Receiver<Flush>) -> Self {
        Self { targets, orders, way: None, retired: None, flush: None, waiting: Vec::new(), unsent: 0, closed: false }
    }

    /// Where the next try goes.
    pub(super) fn way(&mut self) -> Option<Arc<W>> {
        self.retarget();
        self.way.clone()
    }

    /// When all there is has to be sent, if there is such a moment; then no pause is made.
    pub(super) fn by(&self) -> Option<Instant> {
        match (self.retired, self.flush) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Nobody will ask for anything any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Waits for something new. Nothing is lost when it is dropped.
    pub(super) async fn news(&mut self) {
        if self.closed {
            return pending().await;
        }
        tokio::select! {
            order = self.orders.recv() => match order {
                Some(flush) => {
                    self.flush = self.flush.max(Some(flush.by));
                    self.waiting.push(flush.done);
                }
                None => self.close(),
            },
            changed = self.targets.changed() => match changed {
                Ok(()) => self.retarget(),
                Err(_) => self.close(),
            },
        }
    }

    fn retarget(&mut self) {
        let target = self.targets.borrow_and_update().clone();
        match target {
            Some(way) => (self.way, self.retired) = (Some(way), None),
            None => self.retire(),
        }
    }

    fn retire(&mut self) {
        let timeout = self.way.as_ref().map_or(Duration::ZERO, |way| way.timeout());
        self.retired.get_or_insert_with(|| Instant::now() + timeout);
    }

    fn close(&mut self) {
        self.closed = true;
        self.retire();
    }

    /// Spans are dropped because the moment has come.
    pub(super) fn too_late(&mut self, spans: u64) -> Loss {
        if self.flush.is_none() {
            return Loss::Removed;
        }
        self.unsent += spans;
        Loss::Shutdown
    }

    /// Nothing is left to be sent.
    pub(super) fn flushed(&mut self) {
        if self.flush.take().is_none() {
            return;
        }
        let spans = std::mem::take(&mut self.unsent);
        if spans > 0 {
            tracing::warn!(name: "traces.flush_timed_out", spans, "spans were left unsent");
        }
        for done in self.waiting.drain(..) {
            // Who asked may have gone.
            let _ = done.send(());
        }
    }
}
