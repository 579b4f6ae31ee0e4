//! Whether a service stays well after a swap.
//!
//! A pure machine: it is told how the service does and what time it is, and says
//! whether a configuration has passed, or by what sign it broke. What follows from
//! that is the driver's. It looks at what a service shows to its callers, so it
//! cannot tell whose fault that is: a dependency that fails within the time ends a
//! trial as well, and so does an experiment that the same save has switched on.

mod baseline;
mod trial;
mod vitals;

pub use baseline::Baseline;
pub use trial::{Symptom, Trial, Verdict, MIN_REQUESTS, MIN_SHARE};
pub use vitals::Vitals;

#[cfg(test)]
mod tests;
