//! The way back: because a probation broke, or because somebody asks.

use super::{
    ask::{answer_all, Declined, Wish},
    driver::{blocking, Driver},
    guard, log,
    rotation::with_secrets,
    Build, Cause, Grounds, Outcome, Probation, Step, Symptom, Verdict,
};
use crate::{
    check::Checked,
    source::Sources,
    watch::{Sight, View},
};
use std::{sync::Arc, time::Duration};

impl<B: Build> Driver<B> {
    /// Looks how the service does with what is on trial.
    pub(super) async fn watch_trial(&mut self) {
        let generation = self.publisher.current();
        let (vitals, now) = (guard::vitals(&self.builder, &generation), self.now());
        let Some(trial) = &mut self.trial else { return };
        // Once the process ends it is not ready, and on purpose. What has seen that sees this too.
        if *self.stop.borrow() {
            return;
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
                self.fall_back(symptom).await;
            }
        }
    }

    /// Back to what is proven, with its secrets as they were: they may be what broke.
    async fn fall_back(&mut self, symptom: Symptom) {
        let Some(step) = self.trail.proven().cloned() else { return };
        let outcome = self.go_back(step, Grounds::Broke(symptom)).await;
        self.conclude(&outcome, Vec::new());
    }

    /// Back to what reads otherwise, for whoever asks; none when the runtime is ending.
    pub(super) async fn undo(&mut self) -> Option<()> {
        let askers = self.queue.take(Wish::Rollback, self.revision());
        let Some(mut step) = self.trail.previous().cloned() else {
            answer_all(askers, &Err(Declined::NothingEarlier));
            return Some(());
        };
        let (sources, content) = (Arc::clone(&self.sources), step.content.clone());
        if let Some((value, content)) = blocking(move || with_secrets_of_today(&sources, content)).await? {
            step = Step { value, content, ..step };
        }
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
