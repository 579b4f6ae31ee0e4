//! What the program adds to a reload.

use super::Vitals;
use crate::{check::Checked, diagnostic::Violation, live::Generation};
use std::{future::Future, sync::Arc};

/// What is ready to go in force.
#[derive(Debug)]
pub struct Built<P, S> {
    /// What readers will find in the generation.
    pub plan: P,
    /// What is handed over once the generation is in force: bound listeners, opened pools.
    pub staged: S,
}

/// Makes everything that a configuration needs and that can fail, before anything is touched.
pub trait Build: Send + 'static {
    /// What readers find in a generation.
    type Plan: Send + Sync + 'static;
    /// What waits for the swap. Dropped, with all it holds, when there is none.
    type Staged: Send;

    /// Builds from `next`, sharing with `current` whatever did not change.
    ///
    /// The future is dropped, and with it what it has made so far, when it takes longer than 30
    /// seconds or the reloading is stopped. A panic in it counts as one fault of the configuration.
    ///
    /// # Errors
    /// Every reason why it cannot be built; then nothing has changed and nothing is left behind.
    fn build(
        &mut self,
        next: &Arc<Checked>,
        current: Option<&Arc<Generation<Self::Plan>>>,
    ) -> impl Future<Output = Result<Built<Self::Plan, Self::Staged>, Vec<Violation>>> + Send;

    /// Hands over what was staged, after the swap. Cannot fail, must not wait.
    fn commit(&mut self, staged: Self::Staged, now: &Arc<Generation<Self::Plan>>);

    /// How the service does with what is in force, for `reload.probation`. Asked at each look at the
    /// files and ten times a second during a probation; must not wait.
    ///
    /// Of a program that does not tell, no probation fails.
    fn vitals(&self, now: &Generation<Self::Plan>) -> Vitals {
        let _ = now;
        Vitals::default()
    }
}
