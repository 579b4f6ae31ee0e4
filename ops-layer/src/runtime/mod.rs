//! Where the parts meet: from a checked configuration to a running service.
//!
//! [`Ops`] is what a program holds. Behind it stand the state that lives as long as
//! the process (`state`), the plan that lives as long as a generation (`plan`), and
//! the step from one generation to the next (`build`): everything that can fail
//! first, then one store, then what cannot fail.

mod build;
mod exposition;
mod fault;
mod listeners;
mod ops;
mod plan;
mod rehearsal;
mod serve;
mod side;
mod start;
mod state;
mod supervisor;
mod unknown;

pub use ops::{Config, Ops};
pub use plan::Plan;
pub use serve::{ServeError, Server};
pub use unknown::UnknownName;

/// The stack of a running service, as a tower layer.
pub type OpsLayer = crate::stack::StackLayer<Plan>;
