//! The one task that reloads.

use super::{
    ask::{Ask, Queue, Wish},
    status::Board,
    Baseline, Build, Revision, Trail, Trial,
};
use crate::{
    check::Checked,
    live::Publisher,
    source::Sources,
    watch::{At, Inbox, Pace, Settle, View, Watcher},
};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep_until, Instant},
};

/// Everything the task owns. It alone can publish.
pub(super) struct Driver<B: Build> {
    pub(super) sources: Arc<Sources>,
    pub(super) builder: B,
    pub(super) publisher: Publisher<B::Plan>,
    pub(super) trail: Trail<Arc<Checked>, View>,
    /// How the service did before what is on trial now.
    pub(super) baseline: Baseline,
    pub(super) trial: Option<Trial>,
    pub(super) settle: Settle,
    pub(super) files: Arc<BTreeSet<PathBuf>>,
    pub(super) watcher: Arc<Mutex<Watcher>>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) board: Arc<Board>,
    /// None once nobody is left who could ask.
    pub(super) asks: Option<mpsc::UnboundedReceiver<Ask>>,
    pub(super) queue: Queue,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) began: Instant,
    /// How many examinations in a row ended without a verdict.
    pub(super) moved: u32,
    /// Since when only secrets differ from look to look, and the last look.
    pub(super) restless: Option<(At, View)>,
}

impl<B: Build> Driver<B> {
    pub(super) async fn run(mut self) {
        let mut stop = self.stop.clone();
        tokio::select! {
            // Stopped is stopped, also for who asks right after.
            biased;
            // The sender lives as long as any handle; without one, nobody can stop this.
            Ok(_) = stop.wait_for(|stop| *stop) => {}
            _ = self.serve() => {}
        }
    }

    /// One thing at a time, the most urgent first; ends, with none, when the runtime does.
    async fn serve(&mut self) -> Option<()> {
        loop {
            self.listen();
            let now = self.now();
            if self.queue.next(self.revision()) == Some(Wish::Rollback) {
                self.undo().await?;
            } else if self.trial.as_ref().is_some_and(|trial| now >= trial.due()) {
                self.watch_trial().await?;
            } else if now >= self.settle.due(self.pace()) {
                self.turn().await?;
            } else {
                self.wait().await;
            }
        }
    }

    /// Until something may have to be done.
    async fn wait(&mut self) {
        let due = self.settle.due(self.pace());
        let due = self.trial.as_ref().map_or(due, |trial| due.min(trial.due()));
        let asked = async {
            match &mut self.asks {
                Some(asks) => asks.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            ask = asked => match ask {
                Some(ask) => self.queue.push(ask),
                None => self.asks = None,
            },
            () = self.inbox.rung() => {}
            () = sleep_until(self.began + due) => {}
        }
    }

    /// Takes in all that has been heard and asked. Whoever asks is answered by a look that comes after.
    fn listen(&mut self) {
        let now = self.now();
        while let Some(ask) = self.asks.as_mut().and_then(|asks| asks.try_recv().ok()) {
            self.queue.push(ask);
        }
        // Once: to ask again would be to look at once again, while a writer is waited for.
        match (self.queue.next(self.revision()) == Some(Wish::Reload), self.settle.is_asked()) {
            (true, false) => self.settle.asked(now),
            (false, true) => self.settle.withdraw(),
            _ => {}
        }
        for (file, heard) in self.inbox.take() {
            self.settle.heard(file.as_deref(), heard, now);
        }
    }

    pub(super) fn revision(&self) -> Revision {
        self.board.status().revision
    }

    pub(super) fn pace(&self) -> Pace {
        let reload = &self.trail.now().value.config().reload;
        Pace { settle: reload.settle.get(), poll: reload.poll_interval.get() }
    }

    pub(super) fn now(&self) -> At {
        self.began.elapsed()
    }
}

/// Runs what waits for the disk where it delays nobody; none when the runtime is ending.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Some(done),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => None,
        },
    }
}
