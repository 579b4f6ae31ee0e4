//! The step from one generation to the next, and the news of it.

use super::{
    ask::{answer_all, Answer, Ask},
    driver::Driver,
    fault, guard, log,
    status::Brought,
    Build, Built, Cause, Entry, Outcome, Probation, Trial, Vitals,
};
use crate::{
    check::Checked,
    diagnostic::{Report, Violation},
    live::Generation,
    watch::View,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

impl<B: Build> Driver<B> {
    /// Builds what checks out and puts it in force, unless it is so already or was given up.
    pub(super) async fn take(&mut self, next: Arc<Checked>, content: &View, asked: bool) -> Outcome {
        let current = self.publisher.current();
        if next.same_as(&current.checked) {
            self.trail.unchanged(content.clone());
            self.board.ended(&Outcome::Unchanged, Brought::Good(next, None), || {});
            return Outcome::Unchanged;
        }
        if let Some((generation, grounds)) = self.stands_given_up(content) {
            let violation = fault::rolled_back(&self.sources.file, generation, grounds);
            return self.reject(Report::new(vec![violation], Vec::new()));
        }
        let built = match guard::build(&mut self.builder, &next, Some(&current), &self.sources.file).await {
            Ok(built) => built,
            Err(violations) => return self.reject(Report::new(violations, Vec::new())),
        };
        // From here on nothing fails and nothing waits.
        let length = self.probation_of(&next);
        let outcome = self.put_in_force(&next, built, Cause::Reload { asked }, length);
        self.trail.applied(current.seq + 1, next, content.clone(), length.is_zero());
        outcome
    }

    /// How long a configuration is on probation; not at all where it is the one that it would be given up for.
    pub(super) fn probation_of(&self, next: &Checked) -> Duration {
        match self.trail.proven() {
            Some(proven) if proven.value.same_as(next) => Duration::ZERO,
            _ => next.config().reload.probation.get(),
        }
    }

    /// The one store, what follows from it, and the news of it, as one step for whoever looks.
    pub(super) fn put_in_force(
        &mut self,
        next: &Arc<Checked>,
        built: Built<B::Plan, B::Staged>,
        cause: Cause,
        length: Duration,
    ) -> Outcome {
        let before = self.publisher.current();
        let was_ready = self.was_ready(&before);
        let (seq, loaded_at) = (before.seq + 1, SystemTime::now());
        let generation = Generation { seq, loaded_at, checked: Arc::clone(next), plan: built.plan };
        let probation = if length.is_zero() { Probation::None } else { Probation::Running };
        let entry = Entry::of(seq, loaded_at, Some(&before.checked), next, cause, probation);
        let (outcome, brought) = match cause {
            Cause::Rollback { from, grounds, .. } => {
                let reason = fault::rolled_back(&self.sources.file, from, grounds);
                let outcome = Outcome::RolledBack { generation: seq, from, reason: reason.clone() };
                (outcome, Brought::Earlier(Arc::clone(next), reason, entry))
            }
            Cause::Rotation => (Outcome::Applied { generation: seq }, Brought::Secrets(Arc::clone(next), entry)),
            Cause::Start | Cause::Reload { .. } => {
                (Outcome::Applied { generation: seq }, Brought::Good(Arc::clone(next), Some(entry)))
            }
        };
        self.board.ended(&outcome, brought, || {
            // `before` is kept until its successor has taken over.
            self.publisher.publish(generation);
            // Whoever is told of the generation finds its listeners and experiments in force too.
            guard::commit(&mut self.builder, built.staged, &self.publisher.current());
        });
        self.begin_trial(seq, length, was_ready);
        outcome
    }

    /// Whether the service is ready before a swap. One that a trial has found broken has nothing left to lose: what
    /// is saved to mend it must not be blamed for it.
    fn was_ready(&mut self, before: &Generation<B::Plan>) -> bool {
        if let Some(trial) = &self.trial {
            return trial.is_ready();
        }
        let vitals = guard::vitals(&self.builder, before);
        self.baseline.observe(vitals, self.now());
        vitals.is_ready
    }

    fn begin_trial(&mut self, generation: u64, length: Duration, was_ready: bool) {
        let vitals = guard::vitals(&self.builder, &self.publisher.current());
        let vitals = Vitals { is_ready: was_ready || vitals.is_ready, ..vitals };
        let now = self.now();
        self.trial = (!length.is_zero()).then(|| Trial::new(length, &self.baseline, vitals, now));
        if self.trial.is_some() {
            log::probation(generation, Probation::Running, None);
        } else {
            self.baseline.skip(vitals, now);
        }
    }

    pub(super) fn reject(&self, Report { stage, violations, .. }: Report) -> Outcome {
        let first = violations.first().cloned();
        let outcome = Outcome::Rejected { stage, violations };
        self.board.ended(&outcome, Brought::Fault(first), || {});
        outcome
    }

    /// What was in force before cannot be built again. No fault of the files, so no look at them could clear it.
    pub(super) fn fail(&self, violations: Vec<Violation>) -> Outcome {
        let Report { stage, violations, .. } = Report::new(violations, Vec::new());
        let outcome = Outcome::Rejected { stage, violations };
        self.board.ended(&outcome, Brought::Fault(None), || {});
        outcome
    }

    /// Tells everybody how a reload ended.
    pub(super) fn conclude(&self, outcome: &Outcome, askers: Vec<Ask>) {
        let live = self.publisher.current();
        log::reload(outcome, live.seq, &live.checked);
        answer_all(askers, &Ok(Answer { outcome: outcome.clone(), revision: self.revision() }));
    }
}
