//! What the machine is told, and what it answers.

use std::time::Duration;

/// A moment: the time since the watching began.
pub type At = Duration;

/// The two times an operator sets; they may differ at each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// `reload.settle`.
    pub settle: Duration,
    /// `reload.poll_interval`.
    pub poll: Duration,
}

/// What an event said of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Another file took its place, or its writer closed it.
    Whole,
    /// Its writer has it open, and will be heard to close it.
    Writing,
    /// Something that may concern it.
    Unclear,
}

/// What to do after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, until the next look is due.
    Wait,
    /// Take it if it checks out; if not, say so by [`Settle::not_yet`](super::Settle::not_yet) and to nobody else.
    Try,
    /// Take it or reject it, and say which by [`Settle::concluded`](super::Settle::concluded).
    Judge,
    /// A reload was asked for and waited long enough for a writer that does not finish.
    Busy,
}
