//! Changes of pools that are ready to go in force.

use super::{
    bounds::Bounds,
    plan::typed,
    registry::Managed,
    shared::Shared,
    state::Times,
    stats::Stats,
    target::{mask_of, Target},
    work::{self, cause},
    CurrentTrace, Driver, Pool,
};
use ops_config::{
    diagnostic::{Code, KeyPath, Origin, Violation},
    section::PoolConfig,
    value::{Name, SecretSource},
};
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use tokio::time::{timeout_at, Instant};

/// What a first connection gets at least, however short callers are willing to wait, and at most, the wait for room
/// included. A build is given up after 30 seconds: by then all that is wrong with it must have been told, each fault at
/// its key, or it is told of none.
const PROOF_WITHIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(10));

/// Changes of pools that are ready to go in force. Dropped, they leave nothing behind.
#[derive(Debug, Default)]
pub struct StagedPools {
    pub(super) changes: Vec<Box<dyn Change>>,
    pub(super) configs: BTreeMap<Name, PoolConfig>,
}

/// A change of one pool.
pub(super) trait Change: fmt::Debug + Send {
    fn pool(&self) -> &Arc<dyn Managed>;
    fn stats(&self) -> &Arc<Stats>;
    fn apply(self: Box<Self>);
}

/// What a name has had before.
pub(super) struct Known {
    /// Its pool of the kind of database that is asked for, where it ever had one.
    pub(super) pool: Option<Arc<dyn Managed>>,
    /// What is configured now.
    pub(super) before: Option<PoolConfig>,
    pub(super) stats: Arc<Stats>,
    pub(super) current_trace: CurrentTrace,
}

/// Makes a pool ready for its new configuration. Where it opens elsewhere, a first connection proves that it can.
pub(super) async fn stage<DB: Driver>(
    name: Name,
    config: PoolConfig,
    known: Known,
) -> Result<Box<dyn Change>, Box<Violation>> {
    let Known { pool, before, stats, current_trace } = known;
    let managed = pool.unwrap_or_else(|| Arc::new(Pool::<DB>::new(name.clone(), stats, current_trace)));
    let pool = typed::<DB>(&*managed).map_err(|error| refuse(&name, &config, &error.to_string(), None))?;
    let in_force = pool.shared.lock().target.clone();
    let is_same_address = before.is_some_and(|before| before.url == config.url);
    let (target, room) = match in_force.filter(|_| is_same_address) {
        Some(target) => (target, None),
        None => prove(&pool, &name, &config).await.map(|(target, room)| (target, Some(room)))?,
    };
    let bounds = Bounds {
        min: config.min_connections.as_u32(),
        max: config.max_connections.as_u32(),
        idle_timeout: config.idle_timeout.get(),
        max_lifetime: config.max_lifetime.get(),
        is_ephemeral: target.is_ephemeral(),
    };
    let times = Times { acquire: config.acquire_timeout.get(), leak: config.leak_threshold.get() };
    Ok(Box::new(Reconfigure { managed, pool, bounds, times, target, room }))
}

/// Opens the first connection to an address, in room that the pool has for it.
async fn prove<DB: Driver>(
    pool: &Pool<DB>,
    name: &Name,
    config: &PoolConfig,
) -> Result<(Arc<Target<DB>>, Room<DB>), Box<Violation>> {
    let url = config.url.expose().unwrap_or_default();
    let target = DB::target(url).map_err(|error| refuse(name, config, &mask_of(url, &cause(&error)), None))?;
    let limit = config.max_connections.as_u32().max(pool.snapshot().max);
    let within = config.acquire_timeout.get().clamp(PROOF_WITHIN.0, PROOF_WITHIN.1);
    let deadline = Instant::now() + within;
    let Ok(Ok(mut room)) = timeout_at(deadline, pool.shared.reserve(limit)).await else {
        let cause = format!("all {limit} connections were in use for {within:?}, so none could be tried");
        let help = "raise `max_connections` in the same save, or save again when connections come back";
        return Err(refuse(name, config, &cause, Some(help)));
    };
    let connection = work::prove(&target, deadline).await.map_err(|cause| refuse(name, config, &cause, None))?;
    room.connection = Some(connection);
    Ok((Arc::new(target), room))
}

fn refuse(name: &Name, config: &PoolConfig, cause: &str, help: Option<&str>) -> Box<Violation> {
    let found = match config.url.source() {
        SecretSource::Inline => {
            let shown = format!("{:?}", config.url);
            format!("\"{}\"", mask_of(config.url.expose().unwrap_or_default(), &shown))
        }
        _ => format!("{:?}", config.url),
    };
    let key = KeyPath::from_iter(["pools", name.as_str(), "url"]);
    Box::new(refused(key, Some(found), cause, help))
}

/// A fault of a pool that cannot be opened.
pub(super) fn refused(key: KeyPath, found: Option<String>, cause: &str, help: Option<&str>) -> Violation {
    Violation {
        code: Code::PoolOpen,
        key,
        origin: Origin::Default,
        found,
        expected: format!("a database that can be opened: {cause}"),
        help: Some(help.unwrap_or(Code::PoolOpen.mend()).to_owned()),
        notes: Vec::new(),
    }
}

/// New bounds for a pool, and where it opens elsewhere, its first connection there.
struct Reconfigure<DB: Driver> {
    managed: Arc<dyn Managed>,
    pool: Pool<DB>,
    bounds: Bounds,
    times: Times,
    target: Arc<Target<DB>>,
    room: Option<Room<DB>>,
}

impl<DB: Driver> Change for Reconfigure<DB> {
    fn pool(&self) -> &Arc<dyn Managed> {
        &self.managed
    }

    fn stats(&self) -> &Arc<Stats> {
        &self.pool.shared.stats
    }

    fn apply(self: Box<Self>) {
        let target = self.target;
        let first = self.room.and_then(Room::into_connection).map(|connection| (target, connection));
        self.pool.shared.configure(Some(self.bounds), self.times, first);
    }
}

impl<DB: Driver> fmt::Debug for Reconfigure<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconfigure").field("pool", &self.pool).field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

/// Room for one connection within a pool's maximum, and what was opened in it. Given back when dropped.
pub(super) struct Room<DB: Driver> {
    shared: Option<Arc<Shared<DB>>>,
    connection: Option<DB::Connection>,
}

impl<DB: Driver> Room<DB> {
    pub(super) const fn new(shared: Arc<Shared<DB>>) -> Self {
        Self { shared: Some(shared), connection: None }
    }

    /// Drops it without giving it back, for who holds the lock that this would take.
    pub(super) fn forget(mut self) {
        self.shared = None;
    }

    /// The connection, for who books the room as its own.
    fn into_connection(mut self) -> Option<DB::Connection> {
        let connection = self.connection.take()?;
        self.shared = None;
        Some(connection)
    }
}

impl<DB: Driver> Drop for Room<DB> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.unreserve(self.connection.take());
        }
    }
}
