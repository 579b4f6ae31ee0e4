//! Secrets of what is in force, while the files hold something else.
//!
//! A file may hold for days what was rejected or given up. A password that is rotated meanwhile
//! must reach the pool all the same, or the service fails for a reason that nobody looks for. So
//! the secrets of what is in force are watched whatever the files name.

use super::{
    driver::{blocking, Driver},
    examine::{examine_caught, Examined},
    guard, Build, Cause, Grounds,
};
use crate::{check::Checked, source::Sources, watch::View};
use std::{path::Path, sync::Arc};

impl<B: Build> Driver<B> {
    /// Adds to what was judged the secrets of what is in force, as the look before found them.
    pub(super) fn keep_watch(&self, judged: &mut View, looked: &View) {
        for (path, known) in self.trail.now().content.iter().filter(|(path, _)| !self.is_own(path)) {
            let sight = looked.get(path).unwrap_or(known);
            judged.entry(path.clone()).or_insert_with(|| sight.clone());
        }
    }

    /// Puts what is in force in force with the secrets of this view, where they have changed and rest. What is wrong
    /// with the files stays wrong, and what was `refused` just now is not built again. None when the runtime is ending.
    pub(super) async fn renew_secrets(&mut self, judged: &View, refused: Option<&Checked>) -> Option<()> {
        let now = &self.trail.now().content;
        let renewed = now.iter().map(|(path, sight)| {
            let found = judged.get(path).filter(|_| !self.is_own(path));
            (path.clone(), found.unwrap_or(sight).clone())
        });
        let content: View = renewed.collect();
        if content == *now || self.trail.given_up(|given_up| *given_up == content).is_some() {
            return Some(());
        }
        let sources = Arc::clone(&self.sources);
        let Some((next, content)) = blocking(move || with_secrets(&sources, content)).await? else { return Some(()) };
        let current = self.publisher.current();
        if next.same_as(&current.checked) || refused.is_some_and(|refused| next.same_as(refused)) {
            return Some(());
        }
        let length = self.probation_of(&next);
        let outcome = match guard::build(&mut self.builder, &next, Some(&current), &self.sources.file).await {
            Ok(built) => {
                let outcome = self.put_in_force(&next, built, Cause::Rotation, length);
                self.settle.restored(content.clone(), self.now());
                self.trail.rotated(current.seq + 1, next, content, length.is_zero());
                outcome
            }
            Err(violations) => self.fail(violations),
        };
        self.conclude(&outcome, Vec::new());
        Some(())
    }

    /// Whether a content was given up, and nothing has changed since but secrets that what is in force has taken over.
    pub(super) fn stands_given_up(&self, content: &View) -> Option<(u64, Grounds)> {
        let now = &self.trail.now().content;
        let is_other = content.iter().any(|(path, sight)| self.is_own(path) && now.get(path) != Some(sight));
        let found = self.trail.given_up(|given_up| {
            let is_taken_over = |path: &Path| is_other && !self.is_own(path) && now.contains_key(path);
            let same = |path: &Path| given_up.get(path) == content.get(path) || is_taken_over(path);
            given_up.len() == content.len() && content.keys().all(|path| same(path))
        });
        found.map(|given_up| (given_up.generation, given_up.grounds))
    }

    fn is_own(&self, path: &Path) -> bool {
        self.sources.files().iter().any(|own| own == path)
    }
}

/// What a content means with the secrets that it shows; nothing where one is gone, unusable or moves.
pub(super) fn with_secrets(sources: &Sources, content: View) -> Option<(Arc<Checked>, View)> {
    match examine_caught(sources, content) {
        (view, Examined::Good(checked, _)) => Some((Arc::from(*checked), view)),
        (_, Examined::Bad(_) | Examined::Moved) => None,
    }
}
