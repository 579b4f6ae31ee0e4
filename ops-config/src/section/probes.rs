//! `[probes]`: health checks.

use crate::value::{hours, kib, minutes, Count, List, Name, Peer, Period, PlainHttpUrl, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Health checks, made in the background; a probe is answered from their last results.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProbesConfig {
    /// How often each check is made. Time, 100ms to 1h.
    ///
    /// Reload: the next check is made so long after the last.
    pub interval: Period<100, { hours(1) }>,

    /// How long a check may take before it has failed. Time, 10ms to 5m.
    ///
    /// Reload: applies to the next check.
    pub timeout: Period<10, { minutes(5) }>,

    /// Failures in a row that make a check unhealthy. Count, 1 to 100.
    ///
    /// Reload: applies to the next result.
    pub failure_threshold: Count<1, 100>,

    /// Successes in a row that make it healthy again. Count, 1 to 100.
    ///
    /// Reload: applies to the next result.
    pub success_threshold: Count<1, 100>,

    /// A result older than this is unhealthy, whatever it was. Time, 1s to 24h; longer than `interval` and `timeout` together.
    ///
    /// Reload: applies to the next probe.
    pub stale_after: Period<1000, { hours(24) }>,

    /// The checks by name.
    ///
    /// Reload: new ones start and count from their first result, which decides at once; removed ones end; a changed
    /// one keeps its last result until its next.
    pub checks: BTreeMap<Name, CheckConfig>,
}

impl Default for ProbesConfig {
    fn default() -> Self {
        Self {
            interval: Period::literal(5000),
            timeout: Period::literal(1000),
            failure_threshold: Count::literal(3),
            success_threshold: Count::literal(1),
            stale_after: Period::literal(30_000),
            checks: BTreeMap::new(),
        }
    }
}

/// One health check.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckConfig {
    /// A connection of a pool answers.
    Pool(PoolCheck),
    /// A GET is answered with a status below 400.
    Http(HttpCheck),
    /// A connection can be opened.
    Tcp(TcpCheck),
    /// A file system has room.
    Disk(DiskCheck),
    /// The machine, or the process's control group, has memory.
    Memory(MemoryCheck),
}

impl CheckConfig {
    /// Which probes it speaks in.
    #[must_use]
    pub fn groups(&self) -> &[ProbeGroup] {
        match self {
            Self::Pool(check) => &check.groups,
            Self::Http(check) => &check.groups,
            Self::Tcp(check) => &check.groups,
            Self::Disk(check) => &check.groups,
            Self::Memory(check) => &check.groups,
        }
    }

    /// Whether its failure makes the service unhealthy, not just degraded.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        match self {
            Self::Pool(check) => check.critical,
            Self::Http(check) => check.critical,
            Self::Tcp(check) => check.critical,
            Self::Disk(check) => check.critical,
            Self::Memory(check) => check.critical,
        }
    }
}

/// A probe of an orchestrator. Liveness is not among them: a dependency that fails must not get the process restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ProbeGroup {
    /// Has the service started? `/startupz`, until it has succeeded once.
    Startup,
    /// Can it take requests? `/readyz`.
    Readiness,
}

/// What every kind of check has, then what one kind has of its own. `flatten` would
/// open the door to unknown keys, so the two common keys are written into each.
macro_rules! check {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*

            /// The probes it speaks in: "startup", "readiness".
            ///
            /// Reload: applies to the next probe.
            #[serde(default = "readiness")]
            pub groups: List<ProbeGroup, 1, 2>,

            /// Whether its failure makes the service unhealthy (503); else only degraded (200). Yes or no.
            ///
            /// Reload: applies to the next probe.
            #[serde(default = "yes")]
            pub critical: bool,
        }
    };
}

check! {
    /// A connection of a pool answers.
    PoolCheck {
        /// The pool's name, one of `[pools]`.
        ///
        /// Reload: applies to the next check.
        pool: Name,
    }
}

check! {
    /// A GET is answered with a status below 400.
    HttpCheck {
        /// What is fetched. Address, http only.
        ///
        /// Reload: applies to the next check.
        url: PlainHttpUrl,
    }
}

check! {
    /// A connection can be opened.
    TcpCheck {
        /// Whom to connect to. Host and port.
        ///
        /// Reload: applies to the next check.
        address: Peer,
    }
}

check! {
    /// A file system has room.
    DiskCheck {
        /// A file or folder on the file system. Path.
        ///
        /// Reload: applies to the next check.
        path: PathBuf,

        /// The room that must be free. Size, 1KiB to 1024TiB.
        ///
        /// Reload: applies to the next check.
        min_free: Size<{ kib(1) }, { kib(1 << 40) }>,
    }
}

check! {
    /// The machine, or the process's control group, has memory.
    MemoryCheck {
        /// The memory that must be available. Size, 1KiB to 1024TiB.
        ///
        /// Reload: applies to the next check.
        min_available: Size<{ kib(1) }, { kib(1 << 40) }>,
    }
}

fn readiness() -> List<ProbeGroup, 1, 2> {
    List::literal([ProbeGroup::Readiness])
}

fn yes() -> bool {
    true
}
