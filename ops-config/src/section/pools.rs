//! `[pools.NAME]`: database connections.

use crate::value::{days, hours, minutes, Count, DatabaseUrl, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Connections to one database.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PoolConfig {
    /// Which database. Address, a secret if it holds a password: `sqlite:` and a path or `:memory:`,
    /// `postgres://user:password@host:5432/database` (or `postgresql:`), `mysql://user:password@host:3306/database`
    /// (or `mariadb:`). What a password holds of `/ ? # @ : %` is percent-encoded. A `MySQL` user with
    /// `caching_sha2_password` needs TLS (`?ssl-mode=REQUIRED`) or a socket (`?socket=/path`).
    ///
    /// Reload: new connections open there; those of the old address close as they come back. An address of another
    /// kind of database opens a new pool, and handles of the old kind are refused.
    pub url: DatabaseUrl,

    /// Connections kept open and idle. Count, 0 to 10000; at most `max_connections`.
    ///
    /// Reload: missing ones are opened at once.
    pub min_connections: Count<0, 10_000>,

    /// Connections open at any time, never exceeded. Count, 1 to 10000.
    ///
    /// Reload: admission follows the new bound at once; surplus connections close as they come back. While another
    /// `url` is tried, the last connection to a database in memory stays, with one beyond the maximum beside it.
    pub max_connections: Count<1, 10_000>,

    /// How long a caller waits for a connection before it is refused. Time, 1ms to 10m.
    ///
    /// Reload: applies to the next wait.
    pub acquire_timeout: Period<1, { minutes(10) }>,

    /// How long a connection beyond `min_connections` may be idle before it is closed. Time, 100ms to 24h.
    ///
    /// Reload: idle connections are measured against the new value.
    pub idle_timeout: Period<100, { hours(24) }>,

    /// How old a connection may become before it is replaced. Time, 1s to 30d.
    ///
    /// Reload: open connections are measured against the new value.
    pub max_lifetime: Period<1000, { days(30) }>,

    /// How long a caller may hold a connection before a warning says who took it, once, and again when it comes back.
    /// Time, 0s to 24h; `"0s"` is never. Looked at ten times a second at most.
    ///
    /// Reload: connections on loan are measured against the new value.
    pub leak_threshold: Period<0, { hours(24) }>,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            url: DatabaseUrl::inline("sqlite::memory:"),
            min_connections: Count::literal(5),
            max_connections: Count::literal(100),
            acquire_timeout: Period::literal(30_000),
            idle_timeout: Period::literal(minutes(10)),
            max_lifetime: Period::literal(minutes(30)),
            leak_threshold: Period::literal(minutes(1)),
        }
    }
}
