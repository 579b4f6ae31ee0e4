//! Database connections, within bounds that change while they are in use.
//!
//! A pool of our own over bare connections of sqlx, because `sqlx::Pool` cannot change its bounds,
//! counts its minimum over all and not over the idle ones, takes a connection back some time later,
//! and when one pool replaces another the two together hold more than the maximum.
//!
//! | part | is |
//! |---|---|
//! | [`Ledger`] | the machine: counts, and every decision about them; pure |
//! | [`Pool`] | the handle: [`Pool::acquire`] |
//! | [`PoolConnection`] | one connection on loan; back when dropped |
//! | [`Pools`] | all pools by name; they outlive reloads |
//! | [`PoolsPlan`] | the pools of one generation |
//!
//! What comes back untouched is idle again at once. What was used is pinged first, off the caller's
//! path: a query that was cancelled would keep the next user waiting, and a transaction that was
//! dropped is rolled back before the ping is answered. A `BEGIN` sent as plain text is not seen; use
//! `begin()` of the connection.

mod driver;
mod error;
mod guard;
mod handle;
mod keeper;
mod ledger;
mod plan;
mod registry;
mod shared;
mod staged;
mod stats;
mod tend;
#[cfg(test)]
mod tests;
mod work;

pub(crate) use driver::file_to_make;
pub use driver::{Driver, Target};
pub use error::PoolError;
pub use guard::PoolConnection;
pub use handle::Pool;
pub use ledger::{Bounds, Ledger, Verdict};
pub use plan::PoolsPlan;
pub use registry::Pools;
pub use staged::StagedPools;
pub use stats::{PoolSnapshot, WaitTimes, WAIT_BUCKETS};
