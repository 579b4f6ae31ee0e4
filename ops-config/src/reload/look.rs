//! One look at the files, and the verdict on what it finds.

use super::{
    ask::Wish,
    driver::{blocking, Driver},
    examine::{examine_caught, Examined},
    fault, guard, Build, Outcome,
};
use crate::{
    check::Checked,
    diagnostic::Report,
    watch::{Step, View, Watcher},
};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How often in a row what is read may have changed meanwhile. A secret that differs each time it is
/// read, as some files of `/proc` do, never holds still.
const PATIENCE: u32 = 8;

/// How long the files may wait for a secret that never comes to rest. They are at rest all the while.
const RESTLESS: Duration = Duration::from_secs(10);

impl<B: Build> Driver<B> {
    /// One look and what follows from it; none when the runtime is ending.
    pub(super) async fn turn(&mut self) -> Option<()> {
        if self.trial.is_none() {
            let vitals = guard::vitals(&self.builder, &self.publisher.current());
            self.baseline.observe(vitals, self.now());
        }
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
                let askers = self.queue.take(Wish::Reload, self.revision());
                let outcome = self.unfinished();
                self.conclude(&outcome, askers);
            }
        }
        Some(())
    }

    async fn judge(&mut self, view: View, tentative: bool) -> Option<()> {
        let (sources, looked) = (Arc::clone(&self.sources), view.clone());
        let (mut view, examined) = blocking(move || examine_caught(&sources, view)).await?;
        match examined {
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
            _ => {}
        }
        // Who meant another state of affairs is turned away now, in one step with what is done.
        let askers = self.queue.take(Wish::Reload, self.revision());
        let mut refused = None;
        let outcome = match examined {
            Examined::Moved => {
                // Watched on, it would keep every later save from coming to rest.
                let own = self.sources.files();
                view.retain(|path, _| own.contains(path));
                self.unfinished()
            }
            Examined::Bad(report) => self.reject(report),
            Examined::Good(checked, _) => {
                let next: Arc<Checked> = Arc::from(checked);
                refused = Some(Arc::clone(&next));
                self.take(next, &view, !askers.is_empty()).await
            }
        };
        self.keep_watch(&mut view, &looked);
        self.files = Arc::new(view.keys().cloned().collect());
        self.moved = 0;
        self.restless = None;
        let is_good = !matches!(outcome, Outcome::Rejected { .. });
        self.settle.concluded(view.clone(), is_good);
        self.conclude(&outcome, askers);
        if !is_good {
            self.renew_secrets(&view, refused.as_deref()).await?;
        }
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

    /// Rejects what does not hold still.
    fn unfinished(&self) -> Outcome {
        self.reject(Report::new(vec![fault::unfinished(&self.sources.file)], Vec::new()))
    }
}

/// What stands in `files`, and whether changes of some are found only by looking again.
pub(super) fn look(watcher: &Mutex<Watcher>, files: &BTreeSet<PathBuf>) -> (View, bool) {
    let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
    (watcher.look(files), watcher.is_polling())
}
