//! The machine behind those rules.

use super::Symptom;
use crate::check::Checked;
use std::{collections::VecDeque, fmt, sync::Arc};

/// How many earlier configurations can be returned to.
const DEPTH: usize = 8;

/// What a configuration is to the trail.
pub trait Document {
    /// Whether both read the same; the secrets that they refer to may differ.
    fn reads_as(&self, other: &Self) -> bool;
}

impl Document for Arc<Checked> {
    fn reads_as(&self, other: &Self) -> bool {
        Checked::reads_as(self, other)
    }
}

/// A configuration that is or was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<V, C> {
    /// The number of the generation that brought it in.
    pub generation: u64,
    /// The configuration.
    pub value: V,
    /// What stood in the files.
    pub content: C,
    /// Whether it passed its probation, needed none, or was asked for by a person.
    pub is_proven: bool,
}

/// Why a configuration was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// Somebody asked for the one before.
    Asked,
    /// It broke the service while on probation.
    Broke(Symptom),
}

/// A content that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp<C> {
    /// The content.
    pub content: C,
    /// The generation in which it was given up.
    pub generation: u64,
    /// Why.
    pub grounds: Grounds,
}

/// What is in force, the way back from there, and what was given up on that way.
///
/// Going back twice leads two steps back, never forward again to what was given up. A new secret
/// behind the same document is no step of its own. Of a long way only the last 8 steps are kept,
/// and whichever is the last that is proven.
#[derive(Clone, Debug)]
pub struct Trail<V, C> {
    now: Step<V, C>,
    earlier: VecDeque<Step<V, C>>,
    given_up: Vec<GivenUp<C>>,
}

impl<V: Document, C: PartialEq + Clone> Trail<V, C> {
    /// The first configuration. There is nothing to return to, so nothing to prove.
    #[must_use]
    pub const fn new(value: V, content: C) -> Self {
        let now = Step { generation: 1, value, content, is_proven: true };
        Self { now, earlier: VecDeque::new(), given_up: Vec::new() }
    }

    /// What is in force.
    #[must_use]
    pub const fn now(&self) -> &Step<V, C> {
        &self.now
    }

    /// A content that means what is in force was found.
    pub fn unchanged(&mut self, content: C) {
        self.now.content = content;
        self.given_up.clear();
    }

    /// A new configuration came in force.
    pub fn applied(&mut self, generation: u64, value: V, content: C, is_proven: bool) {
        self.rotated(generation, value, content, is_proven);
        self.given_up.clear();
    }

    /// What is in force came in force with other secrets. The files may still hold what was given up.
    pub fn rotated(&mut self, generation: u64, value: V, content: C, is_proven: bool) {
        let next = Step { generation, value, content, is_proven };
        let before = std::mem::replace(&mut self.now, next);
        let below = self.earlier.back();
        let replaces =
            below.is_some_and(|below| below.value.reads_as(&before.value) && (before.is_proven || !below.is_proven));
        if replaces {
            self.earlier.pop_back();
        }
        self.earlier.push_back(before);
        if self.earlier.len() > DEPTH {
            self.forget_oldest();
        }
    }

    /// What is in force has passed its probation.
    pub const fn passed(&mut self) {
        self.now.is_proven = true;
    }

    /// Where a broken probation leads: to the last configuration that is proven. None where what is
    /// in force is proven itself.
    #[must_use]
    pub fn proven(&self) -> Option<&Step<V, C>> {
        if self.now.is_proven {
            return None;
        }
        self.earlier.iter().rev().find(|step| step.is_proven)
    }

    /// Where a rollback leads that is asked for: to the last configuration that reads otherwise.
    #[must_use]
    pub fn previous(&self) -> Option<&Step<V, C>> {
        self.earlier.iter().rev().find(|step| !step.value.reads_as(&self.now.value))
    }

    /// An earlier step is in force again, maybe with new secrets. What was in force last, as generation `from`, is
    /// given up until a good content takes its place.
    pub fn rolled_back(&mut self, to: Step<V, C>, from: u64, grounds: Grounds) {
        self.earlier.retain(|step| step.generation < to.generation);
        let content = std::mem::replace(&mut self.now, Step { is_proven: true, ..to }).content;
        self.given_up.push(GivenUp { content, generation: from, grounds });
        // The same content may have been in force twice.
        self.given_up.retain(|given_up| given_up.content != self.now.content);
    }

    /// The last that was given up of the contents that are meant.
    #[must_use]
    pub fn given_up(&self, meant: impl Fn(&C) -> bool) -> Option<&GivenUp<C>> {
        self.given_up.iter().rev().find(|given_up| meant(&given_up.content))
    }

    /// How many earlier configurations are kept.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.earlier.len()
    }

    /// The last proven one is where a broken probation leads, however many were tried since.
    fn forget_oldest(&mut self) {
        let kept = self.earlier.iter().rposition(|step| step.is_proven);
        let oldest = usize::from(kept == Some(0));
        self.earlier.remove(oldest);
    }
}

impl fmt::Display for Grounds {
    /// As the end of a sentence that ends in "because".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("a rollback was asked for"),
            Self::Broke(symptom) => symptom.fmt(f),
        }
    }
}
