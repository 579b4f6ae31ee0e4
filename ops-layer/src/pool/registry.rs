//! All pools of the process by name, and how a new configuration reaches them.

use super::{
    plan::typed,
    staged::{refused, stage, StagedPools},
    work::cause,
    Driver, Pool, PoolError, PoolSnapshot, PoolsPlan,
};
use ops_config::{
    diagnostic::{KeyPath, Violation},
    section::PoolConfig,
    value::Name,
};
use sqlx::{Connection, Sqlite};
use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{timeout_at, Instant},
};

/// A pool whose kind of database is not known where it is kept.
pub(super) trait Managed: Any + fmt::Debug + Send + Sync {
    fn pool_name(&self) -> &Name;
    fn database(&self) -> &'static str;
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

    fn snapshot(&self) -> PoolSnapshot {
        Pool::snapshot(self)
    }

    fn close(&self) {
        self.shared.configure(None, Duration::ZERO, None);
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
#[derive(Clone, Debug, Default)]
pub struct Pools {
    entries: Arc<Mutex<BTreeMap<Name, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    pool: Arc<dyn Managed>,
    /// As configured now; none while the configuration does not name it.
    config: Option<PoolConfig>,
}

impl Pools {
    /// No pool yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
            let (known, before) = match self.lock().get(name) {
                Some(entry) => (Some(Arc::clone(&entry.pool)), entry.config.clone()),
                None => (None, None),
            };
            if let (Some(pool), true) = (&known, before.as_ref() == Some(config)) {
                plan.pools.insert(name.clone(), Arc::clone(pool));
            } else {
                proofs.spawn(stage::<Sqlite>(name.clone(), config.clone(), known, before));
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

    /// Puts what was made ready in force. Pools no longer named close: their connections end as they come back.
    pub fn commit(&self, staged: StagedPools) {
        let mut entries = self.lock();
        for change in staged.changes {
            let pool = Arc::clone(change.pool());
            let config = staged.configs.get(pool.pool_name()).cloned();
            change.apply();
            let entry = Entry { pool: Arc::clone(&pool), config };
            if let Some(before) = entries.insert(pool.pool_name().clone(), entry) {
                if !Arc::ptr_eq(&before.pool, &pool) {
                    before.pool.close();
                }
            }
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
        let pools: Vec<_> = self.lock().values().map(|entry| Arc::clone(&entry.pool)).collect();
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
