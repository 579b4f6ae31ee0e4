//! The adaptive limit: how many requests at once the service can take, found out from how long they take.
//!
//! Time is cut into windows, and each window has one figure: the median time to a response of the requests that
//! began in it. It is compared with the normal one. Where it grows beyond `tolerance`, requests wait for each
//! other: the limit is lowered by as much. Where it does not, and the limit is made use of, the limit is raised:
//! twofold in each window until the first slowdown, then by its square root. That is the gradient of Netflix's
//! `Gradient2` and of Envoy's adaptive concurrency; what differs is where the normal time comes from, because
//! that is where such limits fail:
//!
//! - While the limit is in use the normal time only falls. An overload that lasts is not learnt as normal.
//! - While less than half of the limit is in use it follows what is measured, both ways, and the limit stays:
//!   an unused limit neither grows nor falls.
//! - A lowered limit is an experiment. Half as many requests at once wait for each other half as long, if it was
//!   that. If the time stays the same, the service has become slower by itself: that is normal from now on, and the
//!   limit is what it was before. So a service that takes twice as long for good is hindered for at most ten windows.
//! - It is the median, so one slow route drags the limit down only when it is half of the traffic; and of what
//!   failed only what was slow counts, so a service that fails at once does not pass for a fast one.
//!
//! A window lasts three times the median if that is longer, and until sixteen requests have answered: short
//! ones would only hear from the fast. Refusals are as with the load limit. A place, other than a permit of that
//! limit, is given back when the response begins: it counts what is measured, and streams that last are the load
//! limit's to bound. What was learnt belongs to the process; it starts anew with the process, at `floor`.

mod future;
mod gradient;
mod layer;
mod learned;
mod plan;
mod service;
#[cfg(test)]
mod tests;
mod window;

pub use future::ResponseFuture;
pub use layer::AdaptiveLayer;
pub use learned::{AdaptiveLimit, Place};
pub use plan::AdaptivePlan;
pub use service::AdaptiveService;
