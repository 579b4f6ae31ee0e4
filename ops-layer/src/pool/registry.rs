//! All pools of the process by name, and how a new configuration reaches them.

use super::{
    plan::typed,
    staged::{refused, stage, Change, Known, StagedPools},
    state::Times,
    stats::Stats,
    work::cause,
    CurrentTrace, Driver, Pool, PoolError, PoolSnapshot, PoolsPlan,
};
use ops_config::{
    diagnostic::{KeyPath, Violation},
    section::PoolConfig,
    value::{DatabaseKind, Name},
};
use sqlx::{Connection, MySql, Postgres, Sqlite};
use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    task::JoinSet,
    time::{timeout_at, Instant},
};

/// A pool whose kind of database is not known where it is kept.
pub(super) trait Managed: Any + fmt::Debug + Send + Sync {
    fn pool_name(&self) -> &Name;
    fn database(&self) -> &'static str;
    fn kind(&self) -> DatabaseKind;
    fn snapshot(&self) -> PoolSnapshot;
    /// No connection any more; those in use end as they come back.
    fn close(&self);
    /// Boxed: probes and the end of the process are not the request path, and a trait object needs one size.
    fn drained(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    fn ping(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>>;
}

impl<DB: Driver> Managed for Pool<DB> {
    fn pool_name(&self) -> &Name {
        self.name()
    }

    fn database(&self) -> &'static str {
        DB::NAME
    }

    fn kind(&self) -> DatabaseKind {
        DB::KIND
    }

    fn snapshot(&self) -> PoolSnapshot {
        Pool::snapshot(self)
    }

    fn close(&self) {
        self.shared.configure(None, Times::default(), None);
    }

    fn drained(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Pool::drained(self))
    }

    fn ping(&self) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>> {
        Box::pin(async {
            let mut connection = self.acquire().await.map_err(|error| error.to_string())?;
            connection.ping().await.map_err(|error| cause(&error))
        })
    }
}

/// All pools of the process by name. They outlive reloads: a handle taken once means the pool of its name for ever.
#[derive(Clone, Debug)]
pub struct Pools {
    entries: Arc<Mutex<BTreeMap<Name, Entry>>>,
    current_trace: CurrentTrace,
}

#[derive(Debug)]
struct Entry {
    pool: Arc<dyn Managed>,
    /// Its pools of other kinds of database, closed now. Kept for who still has a handle, should the kind come back.
    others: Vec<Arc<dyn Managed>>,
    /// As configured now; none while the configuration does not name it.
    config: Option<PoolConfig>,
    stats: Arc<Stats>,
}

impl Entry {
    fn all(&self) -> impl Iterator<Item = &Arc<dyn Managed>> {
        std::iter::once(&self.pool).chain(&self.others)
    }

    /// Puts another pool, or the same, in force. One of another kind closes: its connections end as they come back.
    fn put(&mut self, pool: Arc<dyn Managed>) {
        if !Arc::ptr_eq(&self.pool, &pool) {
            self.others.retain(|other| !Arc::ptr_eq(other, &pool));
            let before = std::mem::replace(&mut self.pool, pool);
            before.close();
            self.others.push(before);
        }
    }
}

impl Default for Pools {
    fn default() -> Self {
        Self::new()
    }
}

impl Pools {
    /// No pool yet.
    #[must_use]
    pub fn new() -> Self {
        Self::in_traces(|| None)
    }

    /// No pool yet. Who holds a connection too long is told with the trace that `current_trace` tells.
    #[must_use]
    pub fn in_traces(current_trace: CurrentTrace) -> Self {
        Self { entries: Arc::default(), current_trace }
    }

    /// The pool of a name, as configured now.
    ///
    /// # Errors
    /// When there is none, or it opens another kind of database.
    pub fn get<DB: Driver>(&self, name: &str) -> Result<Pool<DB>, PoolError> {
        let entries = self.lock();
        let entry = entries.get(name).filter(|entry| entry.config.is_some());
        typed(&*entry.ok_or_else(|| PoolError::Unknown { name: name.to_owned() })?.pool)
    }

    /// Makes ready what the configuration asks for. A new pool, or one with a new address, opens a first connection.
    ///
    /// # Errors
    /// Each pool that cannot be opened; then nothing has changed.
    pub async fn prepare(
        &self,
        configs: &BTreeMap<Name, PoolConfig>,
    ) -> Result<(PoolsPlan, StagedPools), Vec<Violation>> {
        let mut plan = PoolsPlan::default();
        let mut staged = StagedPools { changes: Vec::new(), configs: configs.clone() };
        let mut proofs = JoinSet::new();
        for (name, config) in configs {
            match self.known(name, config) {
                (pool, known) if known.before.as_ref() == Some(config) => {
                    plan.pools.extend(pool.map(|pool| (name.clone(), pool)));
                }
                (_, known) => drop(proofs.spawn(staged_as(name.clone(), config.clone(), known))),
            }
        }
        let mut violations = Vec::new();
        while let Some(outcome) = proofs.join_next().await {
            match outcome {
                Ok(Ok(change)) => {
                    plan.pools.insert(change.pool().pool_name().clone(), Arc::clone(change.pool()));
                    staged.changes.push(change);
                }
                Ok(Err(violation)) => violations.push(*violation),
                Err(panic) => violations.push(refused(KeyPath::from_iter(["pools"]), None, &panic.to_string(), None)),
            }
        }
        if violations.is_empty() {
            Ok((plan, staged))
        } else {
            violations.sort_by(|one, other| one.key.cmp(&other.key));
            Err(violations)
        }
    }

    /// The pool in force of a name, and what its change is to know of it.
    fn known(&self, name: &Name, config: &PoolConfig) -> (Option<Arc<dyn Managed>>, Known) {
        let current_trace = self.current_trace;
        match self.lock().get(name) {
            Some(entry) => {
                let same = entry.all().find(|pool| Some(pool.kind()) == config.url.kind()).cloned();
                let (before, stats) = (entry.config.clone(), Arc::clone(&entry.stats));
                (Some(Arc::clone(&entry.pool)), Known { pool: same, before, stats, current_trace })
            }
            None => (None, Known { pool: None, before: None, stats: Arc::default(), current_trace }),
        }
    }

    /// Puts what was made ready in force. Pools no longer named close: their connections end as they come back.
    pub fn commit(&self, staged: StagedPools) {
        let mut entries = self.lock();
        for change in staged.changes {
            let (pool, stats) = (Arc::clone(change.pool()), Arc::clone(change.stats()));
            let config = staged.configs.get(pool.pool_name()).cloned();
            let name = pool.pool_name().clone();
            change.apply();
            let new = || Entry { pool: Arc::clone(&pool), others: Vec::new(), config: None, stats };
            let entry = entries.entry(name).or_insert_with(new);
            entry.put(Arc::clone(&pool));
            entry.config = config;
        }
        for (name, entry) in entries.iter_mut().filter(|(name, _)| !staged.configs.contains_key(*name)) {
            if entry.config.take().is_some() {
                tracing::info!(name: "pool.closed", pool = %name, "pool closed");
                entry.pool.close();
            }
        }
    }

    /// All configured pools at this moment, by name.
    #[must_use]
    pub fn snapshot(&self) -> Vec<PoolSnapshot> {
        self.lock().values().filter(|entry| entry.config.is_some()).map(|entry| entry.pool.snapshot()).collect()
    }

    /// Whether a connection of a pool answers, and if not, why.
    ///
    /// # Errors
    /// When there is no such pool, no connection in time, or no answer.
    pub async fn ping(&self, name: &str) -> Result<(), String> {
        let pool = self.lock().get(name).filter(|entry| entry.config.is_some()).map(|entry| Arc::clone(&entry.pool));
        match pool {
            Some(pool) => pool.ping().await,
            None => Err(PoolError::Unknown { name: name.to_owned() }.to_string()),
        }
    }

    /// Closes all pools and waits, at most until `deadline`, for the connections in use. Returns how many are left.
    pub async fn close(&self, deadline: Instant) -> u32 {
        let pools: Vec<_> = self.lock().values().flat_map(Entry::all).map(Arc::clone).collect();
        for pool in &pools {
            pool.close();
        }
        let mut left = 0;
        for pool in pools {
            if timeout_at(deadline, pool.drained()).await.is_err() {
                left += pool.snapshot().total;
            }
        }
        left
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Entry>> {
        // Entries are replaced whole, so a panic elsewhere cannot leave one half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a pool of the kind that its address names ready.
async fn staged_as(name: Name, config: PoolConfig, known: Known) -> Result<Box<dyn Change>, Box<Violation>> {
    match config.url.kind() {
        Some(DatabaseKind::Postgres) => stage::<Postgres>(name, config, known).await,
        Some(DatabaseKind::MySql) => stage::<MySql>(name, config, known).await,
        // An address of no kind is none that a check lets through; its driver says so too.
        Some(DatabaseKind::Sqlite) | None => stage::<Sqlite>(name, config, known).await,
    }
}
