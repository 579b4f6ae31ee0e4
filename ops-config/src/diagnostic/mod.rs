//! What can be wrong with a configuration, said so that a person can mend it.
//!
//! A [`Violation`] is data: a stable [`Code`], the key, where it was written, what
//! was found (secrets masked), what was expected, the smallest fix, and a [`Note`] for
//! each other place it is about. A [`Report`]
//! holds all of them at once, in the order in which they were written, and prints
//! them with the lines they are about.
//!
//! Nothing here reads or judges a configuration; that is the work of `source` and
//! `check`. What is secret is decided there too: a [`Text`] is told which of its
//! bytes must not be shown, and no method gives them out.

mod code;
mod excerpt;
mod key;
mod note;
mod origin;
mod render;
mod report;
mod stage;
mod suggestion;
mod text;
mod violation;

pub use code::{Code, UnknownCode};
pub use excerpt::Excerpt;
pub use key::{KeyPath, Segment};
pub use note::Note;
pub use origin::{Origin, Position};
pub use report::{Format, Report};
pub use stage::Stage;
pub(crate) use suggestion::alternatives;
pub use suggestion::nearest;
pub use text::Text;
pub use violation::Violation;

#[cfg(test)]
mod tests;
