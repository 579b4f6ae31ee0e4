//! The way back: because a probation broke, or because somebody asks.

use super::{
    ask::{answer_all, Declined, Wish},
    driver::{blocking, Driver},
    guard, log,
    rotation::with_secrets,
    Build, Cause, Document, Grounds, Outcome, Probation, Step, Symptom, Verdict,
};
use crate::{
    check::Checked,
    source::Sources,
    watch::{Sight, View},
};
use std::{sync::Arc, time::Duration};

impl<B: Build> Driver<B> {
    /// Looks how the service does with what is on trial; none when the runtime is ending.
    pub(super) async fn watch_trial(&mut self) -> Option<()> {
        let generation = self.publisher.current();
        let (vitals, now) = (guard::vitals(&self.builder, &generation), self.now());
        let Some(trial) = &mut self.trial else { return Some(()) };
        // Once the process ends it is not ready, and on purpose. What has seen that sees this too.
        if *self.stop.borrow() {
            // To return would be to come back here at once, without end: this task is ended where it waits.
            std::future::pending::<()>().await;
        }
        let is_first = !trial.has_failed();
        match trial.look(vitals, now) {
            Verdict::Pending => {}
            Verdict::Passed => {
                self.trial = None;
                self.trail.passed();
                self.baseline.observe(vitals, now);
                self.board.probation(Probation::Passed);
                log::probation(generation.seq, Probation::Passed, None);
            }
            Verdict::Failed(symptom) => {
                if is_first {
                    self.board.probation(Probation::Failed);
                    log::probation(generation.seq, Probation::Failed, Some(symptom));
                }
                self.fall_back(symptom).await?;
                // Measured from here: an attempt takes as long as its build.
                let now = self.now();
                if let Some(trial) = &mut self.trial {
                    trial.retry_after(now);
                }
            }
        }
        Some(())
    }

    /// Back to what is proven. Where it reads as what broke, a secret is what broke, so with its secrets as they
    /// were; else with those of today. None when the runtime is ending.
    async fn fall_back(&mut self, symptom: Symptom) -> Option<()> {
        let Some(mut step) = self.trail.proven().cloned() else { return Some(()) };
        if !step.value.reads_as(&self.trail.now().value) {
            step = of_today(&self.sources, step).await?;
        }
        let outcome = self.go_back(step, Grounds::Broke(symptom)).await;
        self.conclude(&outcome, Vec::new());
        Some(())
    }

    /// Back to what reads otherwise, for whoever asks, with the secrets of today; none when the runtime is ending.
    pub(super) async fn undo(&mut self) -> Option<()> {
        let askers = self.queue.take(Wish::Rollback, self.revision());
        // They may all have gone since the queue was looked at.
        if askers.is_empty() {
            return Some(());
        }
        let Some(step) = self.trail.previous().cloned() else {
            answer_all(askers, &Err(Declined::NothingEarlier));
            return Some(());
        };
        let step = of_today(&self.sources, step).await?;
        let outcome = self.go_back(step, Grounds::Asked).await;
        self.conclude(&outcome, askers);
        Some(())
    }

    /// Builds what was in force before and puts it in force. Where that cannot be built, what is in force stays, whole.
    async fn go_back(&mut self, step: Step<Arc<Checked>, View>, grounds: Grounds) -> Outcome {
        let current = self.publisher.current();
        let built = match guard::build(&mut self.builder, &step.value, Some(&current), &self.sources.file).await {
            Ok(built) => built,
            Err(violations) => return self.fail(violations),
        };
        let cause = Cause::Rollback { from: current.seq, to: step.generation, grounds };
        let outcome = self.put_in_force(&step.value, built, cause, Duration::ZERO);
        self.settle.restored(step.content.clone(), self.now());
        self.files = Arc::new(self.files.iter().chain(step.content.keys()).cloned().collect());
        self.trail.rolled_back(step, current.seq, grounds);
        outcome
    }
}

/// A step of earlier with the secrets as they stand now; none when the runtime is ending.
async fn of_today(sources: &Arc<Sources>, step: Step<Arc<Checked>, View>) -> Option<Step<Arc<Checked>, View>> {
    let (sources, content) = (Arc::clone(sources), step.content.clone());
    let found = blocking(move || with_secrets_of_today(&sources, content)).await?;
    Some(match found {
        Some((value, content)) => Step { value, content, ..step },
        None => step,
    })
}

/// What a content of earlier means with the secrets as they stand now. A password may have been rotated since, and the
/// old one would open nothing. Nothing where a secret is gone; then the one that is known has to do.
fn with_secrets_of_today(sources: &Sources, content: View) -> Option<(Arc<Checked>, View)> {
    let own = sources.files();
    let today = content.into_iter().map(|(path, sight)| {
        let sight = if own.contains(&path) { sight } else { Sight::of(&path) };
        (path, sight)
    });
    with_secrets(sources, today.collect())
}
