//! What a trail must do, said the naive way: every step that ever was is kept in a list.
//!
//! One oracle for the property test and for fuzzing, which finds the machine where it includes this file.

use super::{Document, Grounds, Step, Symptom, Trail};

/// What happens to a trail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A save is judged, and put in force where it is new.
    Save {
        /// What it reads.
        document: u8,
        /// The secret behind it.
        secret: u8,
        /// Whether it needs no probation.
        is_proven: bool,
    },
    /// A secret of what is in force changes, while the files hold something else.
    Rotate {
        /// The new one.
        secret: u8,
    },
    /// Another content that means what is in force.
    Comment,
    /// What is on probation passes it.
    Pass,
    /// What is on probation breaks.
    Break,
    /// Somebody asks for the one before.
    Undo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    document: u8,
    secret: u8,
}

impl Document for Value {
    fn reads_as(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

/// A document, a secret, and how often it was edited without a change of meaning.
type Content = (u8, u8, u32);

/// The naive way.
struct Model {
    now: Step<Value, Content>,
    earlier: Vec<Step<Value, Content>>,
    given_up: Vec<Content>,
    /// How many of the newest earlier steps cannot have been forgotten.
    sure: usize,
    /// How many generations there were.
    last: u64,
}

/// Does all of it to a trail and to the model.
///
/// # Panics
/// When they disagree.
pub(crate) fn check(acts: &[Act]) {
    let first = Step { generation: 1, value: Value { document: 0, secret: 0 }, content: (0, 0, 0), is_proven: true };
    let mut trail = Trail::new(first.value, first.content);
    let mut model = Model { now: first, earlier: Vec::new(), given_up: Vec::new(), sure: 0, last: 1 };
    for (at, act) in acts.iter().enumerate() {
        step(&mut trail, &mut model, *act, u32::try_from(at).unwrap_or(u32::MAX));
        assert_eq!(*trail.now(), model.now, "after {act:?}");
        assert!(trail.depth() <= 8, "{} steps kept", trail.depth());
        for content in &model.given_up {
            assert!(trail.given_up(|given_up| given_up == content).is_some(), "{content:?} is tried again");
        }
        assert!(trail.given_up(|given_up| *given_up == model.now.content).is_none(), "what is in force was given up");
        assert_eq!(trail.proven().map(|step| step.value), model.proven().map(|step| step.value), "after {act:?}");
        let previous = model.earlier.iter().rev().position(|step| !step.value.reads_as(&model.now.value));
        match previous {
            Some(back) if back < model.sure => {
                assert_eq!(trail.previous(), model.earlier.iter().nth_back(back), "after {act:?}");
            }
            // So far back, it may have been forgotten.
            _ => assert!(trail.previous().is_none_or(|step| model.earlier.contains(step)), "after {act:?}"),
        }
    }
}

fn step(trail: &mut Trail<Value, Content>, model: &mut Model, act: Act, at: u32) {
    match act {
        Act::Save { document, secret, is_proven } => {
            let value = Value { document, secret };
            let content = (document, secret, 0);
            if trail.given_up(|given_up| *given_up == content).is_some() {
                assert!(model.given_up.contains(&content), "{content:?} was never given up");
                return;
            }
            model.given_up.clear();
            if value == model.now.value {
                trail.unchanged(content);
                model.now.content = content;
                return;
            }
            trail.applied(model.last + 1, value, content, is_proven);
            model.came(value, content, is_proven);
        }
        Act::Rotate { secret } => {
            let value = Value { secret, ..model.now.value };
            let content = (value.document, secret, model.now.content.2);
            if value == model.now.value || model.given_up.contains(&content) {
                return;
            }
            trail.rotated(model.last + 1, value, content, true);
            model.came(value, content, true);
        }
        Act::Comment => {
            let content = (model.now.value.document, model.now.value.secret, at + 1);
            trail.unchanged(content);
            model.given_up.clear();
            model.now.content = content;
        }
        Act::Pass => {
            trail.passed();
            model.now.is_proven = true;
        }
        Act::Break => {
            let Some(to) = trail.proven().copied() else { return };
            go_back(trail, model, to, Grounds::Broke(Symptom::NotReady));
        }
        Act::Undo => {
            let Some(to) = trail.previous().copied() else { return };
            go_back(trail, model, to, Grounds::Asked);
        }
    }
}

fn go_back(trail: &mut Trail<Value, Content>, model: &mut Model, to: Step<Value, Content>, grounds: Grounds) {
    trail.rolled_back(to, model.last, grounds);
    model.last += 1;
    let before = model.earlier.len();
    model.earlier.retain(|step| step.generation < to.generation);
    model.sure = model.sure.saturating_sub(before - model.earlier.len());
    model.given_up.push(model.now.content);
    model.now = Step { is_proven: true, ..to };
    model.given_up.retain(|content| *content != model.now.content);
}

impl Model {
    fn came(&mut self, value: Value, content: Content, is_proven: bool) {
        self.last += 1;
        let next = Step { generation: self.last, value, content, is_proven };
        self.sure = (self.sure + 1).min(7);
        self.earlier.push(std::mem::replace(&mut self.now, next));
    }

    fn proven(&self) -> Option<Step<Value, Content>> {
        let proven = self.earlier.iter().rev().find(|step| step.is_proven);
        proven.filter(|_| !self.now.is_proven).copied()
    }
}
