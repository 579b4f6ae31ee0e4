//! The one task that reloads.

use super::{
    examine::{examine_caught, Examined},
    fault, guard,
    handle::Ask,
    log,
    status::Board,
    Build, Outcome,
};
use crate::{
    check::Checked,
    diagnostic::Report,
    live::{Generation, Publisher},
    source::Sources,
    watch::{At, Inbox, Pace, Settle, Step, View, Watcher},
};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep_until, Instant},
};

/// How often in a row what is read may have changed meanwhile. A secret that differs each time it is
/// read, as some files of `/proc` do, never holds still.
const PATIENCE: u32 = 8;

/// How long the files may wait for a secret that never comes to rest. They are at rest all the while.
const RESTLESS: Duration = Duration::from_secs(10);

/// Everything the task owns. It alone can publish.
pub(super) struct Driver<B: Build> {
    pub(super) sources: Arc<Sources>,
    pub(super) builder: B,
    pub(super) publisher: Publisher<B::Plan>,
    pub(super) settle: Settle,
    pub(super) files: Arc<BTreeSet<PathBuf>>,
    pub(super) watcher: Arc<Mutex<Watcher>>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) board: Arc<Board>,
    pub(super) asks: mpsc::UnboundedReceiver<Ask>,
    pub(super) waiting: Vec<Ask>,
    pub(super) began: Instant,
    /// How many examinations in a row ended without a verdict.
    pub(super) moved: u32,
    /// Since when only secrets differ from look to look, and the last look.
    pub(super) restless: Option<(At, View)>,
}

impl<B: Build> Driver<B> {
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            // Stopped is stopped, also for who asks right after.
            biased;
            // The sender lives as long as any handle; without one, nobody can stop this.
            Ok(_) = stop.wait_for(|stop| *stop) => {}
            () = self.serve() => {}
        }
    }

    async fn serve(&mut self) {
        let mut asked_for = true;
        loop {
            let due = self.began + self.settle.due(self.pace());
            let inbox = Arc::clone(&self.inbox);
            tokio::select! {
                biased;
                ask = self.asks.recv(), if asked_for => {
                    asked_for = ask.is_some();
                    self.waiting.extend(ask);
                }
                () = inbox.rung() => {}
                () = sleep_until(due) => {}
            }
            self.listen();
            if self.now() >= self.settle.due(self.pace()) && self.turn().await.is_none() {
                return;
            }
        }
    }

    /// Takes in all that has been heard and asked. Whoever asks is answered by a look that comes after.
    fn listen(&mut self) {
        let now = self.now();
        while let Ok(ask) = self.asks.try_recv() {
            self.waiting.push(ask);
        }
        if !self.waiting.is_empty() {
            self.settle.asked(now);
        }
        for (file, heard) in self.inbox.take() {
            self.settle.heard(file.as_deref(), heard, now);
        }
    }

    /// One look and what follows from it; none when the runtime is ending.
    async fn turn(&mut self) -> Option<()> {
        self.settle.looking(self.now());
        let (watcher, files) = (Arc::clone(&self.watcher), Arc::clone(&self.files));
        let (view, polling) = blocking(move || look(&watcher, &files)).await?;
        self.board.polling(polling);
        // What was written during the look is heard by now, and keeps what it found from being taken.
        for (file, heard) in self.inbox.take() {
            self.settle.heard(file.as_deref(), heard, self.now());
        }
        let pace = self.pace();
        match self.settle.looked(view.clone(), self.now(), pace) {
            Step::Wait if self.is_restless(&view) => {
                self.moved = PATIENCE;
                self.judge(view, false).await?;
            }
            Step::Wait => {}
            Step::Try => self.judge(view, true).await?,
            Step::Judge => self.judge(view, false).await?,
            Step::Busy => {
                let outcome = self.unfinished();
                self.conclude(&outcome);
            }
        }
        Some(())
    }

    async fn judge(&mut self, view: View, tentative: bool) -> Option<()> {
        let sources = Arc::clone(&self.sources);
        let (mut view, examined) = blocking(move || examine_caught(&sources, view)).await?;
        let outcome = match examined {
            Examined::Bad(_) if tentative => {
                self.settle.not_yet(self.pace());
                return Some(());
            }
            Examined::Moved if self.moved + 1 < PATIENCE => {
                self.moved += 1;
                self.restless.get_or_insert((self.now(), view.clone()));
                self.files = Arc::new(view.into_keys().collect());
                self.settle.moved(self.now());
                return Some(());
            }
            Examined::Moved => {
                // Watched on, it would keep every later save from coming to rest.
                let own = self.sources.files();
                view.retain(|path, _| own.contains(path));
                self.unfinished()
            }
            Examined::Bad(report) => self.reject(report),
            Examined::Good(checked, _) => self.take((*checked).into()).await,
        };
        self.files = Arc::new(view.keys().cloned().collect());
        self.moved = 0;
        self.restless = None;
        self.settle.concluded(view, !matches!(outcome, Outcome::Rejected { .. }));
        self.conclude(&outcome);
        Some(())
    }

    /// Whether a secret that was just named has differed at every look for long, and nothing else.
    fn is_restless(&mut self, view: &View) -> bool {
        let Some((mut since, before)) = self.restless.take() else { return false };
        let own = self.sources.files();
        let mut differ = view.iter().filter(|(path, sight)| before.get(*path) != Some(*sight)).peekable();
        if differ.peek().is_none() {
            return false;
        }
        if differ.any(|(path, _)| own.contains(path)) {
            since = self.now();
        }
        self.restless = Some((since, view.clone()));
        self.now().saturating_sub(since) >= RESTLESS
    }

    /// Tells everybody how a reload ended.
    fn conclude(&mut self, outcome: &Outcome) {
        let live = self.publisher.current();
        log::reload(outcome, live.seq, &live.checked);
        self.answer(outcome);
    }

    /// Builds what checks out and puts it in force.
    async fn take(&mut self, next: Arc<Checked>) -> Outcome {
        let current = self.publisher.current();
        if next.same_as(&current.checked) {
            self.board.ended(&Outcome::Unchanged, Some(next), || {});
            return Outcome::Unchanged;
        }
        let built = match guard::build(&mut self.builder, &next, Some(&current), &self.sources.file).await {
            Ok(built) => built,
            Err(violations) => return self.reject(Report::new(violations, Vec::new())),
        };
        // From here on nothing fails and nothing waits.
        let outcome = Outcome::Applied { generation: current.seq + 1 };
        let generation = Generation {
            seq: current.seq + 1,
            loaded_at: SystemTime::now(),
            checked: Arc::clone(&next),
            plan: built.plan,
        };
        self.board.ended(&outcome, Some(next), || {
            // `current` keeps the one before until its successor has taken over.
            self.publisher.publish(generation);
            // Whoever is told of the generation finds its listeners and experiments in force too.
            guard::commit(&mut self.builder, built.staged, &self.publisher.current());
        });
        outcome
    }

    fn reject(&self, Report { stage, violations, .. }: Report) -> Outcome {
        let outcome = Outcome::Rejected { stage, violations };
        self.board.ended(&outcome, None, || {});
        outcome
    }

    /// Rejects what does not hold still.
    fn unfinished(&self) -> Outcome {
        self.reject(Report::new(vec![fault::unfinished(&self.sources.file)], Vec::new()))
    }

    fn answer(&mut self, outcome: &Outcome) {
        for Ask::Reload(ask) in self.waiting.drain(..) {
            // Who asked may have gone.
            drop(ask.send(outcome.clone()));
        }
    }

    fn pace(&self) -> Pace {
        pace(&self.publisher.current().checked)
    }

    fn now(&self) -> At {
        self.began.elapsed()
    }
}

/// The times that the configuration in force sets.
pub(super) fn pace(checked: &Checked) -> Pace {
    let reload = &checked.config().reload;
    Pace { settle: reload.settle.get(), poll: reload.poll_interval.get() }
}

/// What stands in `files`, and whether changes of some are found only by looking again.
pub(super) fn look(watcher: &Mutex<Watcher>, files: &BTreeSet<PathBuf>) -> (View, bool) {
    let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
    (watcher.look(files), watcher.is_polling())
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
