//! Chaos: faults made on purpose, between the caller and the service.
//!
//! | file | holds |
//! |---|---|
//! | `decision` | whether a fault strikes a call: a pure function of seed, fault and ordinal |
//! | `experiment` | what outlives reloads: when the experiment began, its ordinals, the counts |
//! | `plan` | what a reload replaces: which faults, how many, where, until when |
//! | `layer`, `service`, `future`, `delay` | the faults in the stack |
//!
//! The same seed makes the same decisions for the same sequence of eligible calls, whatever
//! else runs beside them: each call takes the next ordinal, and nothing but that is shared.
//!
//! Healing is a drop. A delay under way waits for two things at once, its end and the end of
//! what made it; a save, or the experiment's time, ends the second, and nobody has to find and
//! undo anything. Faults are made in the path of the service only, never in that of probes.
//!
//! Whether an environment allows experiments is checked before a configuration gets here.

mod decision;
mod delay;
mod experiment;
mod future;
mod layer;
mod plan;
mod service;
#[cfg(test)]
mod tests;

pub use experiment::{Chaos, ChaosSnapshot, NetworkFault};
pub use future::ResponseFuture;
pub use layer::ChaosLayer;
pub use plan::ChaosPlan;
pub use service::ChaosService;
