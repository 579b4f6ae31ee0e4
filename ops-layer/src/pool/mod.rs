//! Database connections, within bounds that change while they are in use.
//!
//! A pool of our own over bare connections of sqlx, because `sqlx::Pool` cannot change its bounds,
//! counts its minimum over all and not over the idle ones, takes a connection back some time later,
//! and when one pool replaces another the two together hold more than the maximum.
//!
//! | part | is |
//! |---|---|
//! | [`Ledger`] | the machine: counts, and every decision about them; pure |
//! | [`Trust`] | the machine: whether an idle connection is asked before it is lent; pure |
//! | [`Loans`] | the machine: who holds a connection, and whether too long; pure |
//! | [`Pool`] | the handle: [`Pool::acquire`] |
//! | [`PoolConnection`] | one connection on loan; back when dropped |
//! | [`Driver`] | what differs from `SQLite` to `PostgreSQL` to `MySQL` |
//! | [`Pools`] | all pools by name; they outlive reloads |
//! | [`PoolsPlan`] | the pools of one generation |
//!
//! What comes back untouched is idle again at once. What was used is pinged first, off the caller's
//! path: a query that was cancelled would keep the next user waiting, and a transaction that was
//! dropped is rolled back before the ping is answered. A `BEGIN` sent as plain text is not seen; use
//! `begin()` of the connection.
//!
//! A server that goes away leaves connections that look alive. They are found out before somebody gets them: see
//! [`Trust`]. Each caller waits as long as `acquire_timeout` says and no longer, whatever the server does; while it is
//! away one attempt at a time, at most a second apart, finds out when it is back.
//!
//! What no pool can do: a query that was given up runs on at the server, and where it does not end within five seconds
//! its connection is closed and counted no more, though the server may count it until that query ends. The same goes
//! for a server that does not read what it is told. Bound such queries where they run (`statement_timeout`,
//! `max_statement_time`).

mod bounds;
mod driver;
mod error;
mod guard;
mod handle;
mod keeper;
mod ledger;
mod live;
mod loan;
mod mysql;
mod plan;
mod postgres;
mod registry;
mod shared;
mod sqlite;
mod staged;
mod state;
mod stats;
mod target;
mod tend;
#[cfg(test)]
mod tests;
mod trust;
mod work;

pub use bounds::{Bounds, Verdict};
pub use driver::Driver;
pub use error::PoolError;
pub use guard::PoolConnection;
pub use handle::{CurrentTrace, Pool};
pub use ledger::Ledger;
pub use loan::{Loan, Loans, Taker};
pub use plan::PoolsPlan;
pub use registry::Pools;
pub(crate) use sqlite::file_to_make;
pub use staged::StagedPools;
pub use stats::{PoolSnapshot, WaitTimes, WAIT_BUCKETS};
pub use target::Target;
pub use trust::{Proof, Trust, FRESH};
