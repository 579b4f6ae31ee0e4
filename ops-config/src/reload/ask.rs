//! What a running driver is asked, and in which order it answers.

use super::{Outcome, Revision};
use std::collections::VecDeque;
use tokio::sync::oneshot;

/// What is asked of a running driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To look at the files.
    Reload,
    /// To return to the configuration before.
    Rollback,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// The state of affairs right after it.
    pub revision: Revision,
}

/// Why nothing was done. Nothing has changed, and nothing is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// What the asker had seen is not so any more.
    #[error("something has changed since: this is revision {now} by now")]
    Changed {
        /// How it is now.
        now: Revision,
    },
    /// A rollback has nowhere to go.
    #[error("there is no earlier configuration to return to")]
    NothingEarlier,
}

/// Somebody who waits for an answer.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) wish: Wish,
    /// The states of affairs in which it is meant; none is any.
    pub(super) only_at: Option<Vec<Revision>>,
    pub(super) reply: oneshot::Sender<Result<Answer, Declined>>,
}

impl Ask {
    /// Whether it is still meant. Who has gone has not seen a step back being made, and may ask for it again: two
    /// steps back are not what anybody meant. A look that nobody waits for harms nobody.
    fn holds(&self, now: Revision) -> bool {
        let is_withdrawn = self.wish == Wish::Rollback && self.reply.is_closed();
        !is_withdrawn && self.only_at.as_ref().is_none_or(|meant| meant.contains(&now))
    }

    pub(super) fn answer(self, answer: Result<Answer, Declined>) {
        // Who asked may have gone.
        drop(self.reply.send(answer));
    }
}

/// Asks in the order in which they came. Those of one kind that follow each other share one answer;
/// a rollback waits for the look that was asked for before it, so that it undoes what that found.
#[derive(Debug, Default)]
pub(super) struct Queue {
    asks: VecDeque<Ask>,
}

impl Queue {
    pub(super) fn push(&mut self, ask: Ask) {
        self.asks.push_back(ask);
    }

    /// What is wished next, by somebody who still means it; the others are turned away.
    pub(super) fn next(&mut self, now: Revision) -> Option<Wish> {
        loop {
            let first = self.asks.front()?;
            if first.holds(now) {
                return Some(first.wish);
            }
            if let Some(ask) = self.asks.pop_front() {
                ask.answer(Err(Declined::Changed { now }));
            }
        }
    }

    /// All who share the next answer, if it is to this wish.
    pub(super) fn take(&mut self, wish: Wish, now: Revision) -> Vec<Ask> {
        let mut taken = Vec::new();
        while self.next(now) == Some(wish) {
            taken.extend(self.asks.pop_front());
        }
        taken
    }
}

/// Answers all of them alike.
pub(super) fn answer_all(asks: Vec<Ask>, answer: &Result<Answer, Declined>) {
    for ask in asks {
        ask.answer(answer.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, Queue, Wish};
    use crate::reload::Revision;
    use tokio::sync::oneshot;

    #[test]
    fn a_step_back_is_not_made_for_who_has_gone_and_a_look_is() {
        let now: Revision = "7.1".parse().unwrap();
        for (wish, expected) in [(Wish::Rollback, None), (Wish::Reload, Some(Wish::Reload))] {
            let mut queue = Queue::default();
            let (reply, answer) = oneshot::channel();
            queue.push(Ask { wish, only_at: None, reply });
            assert_eq!(queue.next(now), Some(wish));
            drop(answer);
            assert_eq!(queue.next(now), expected);
        }
    }
}
