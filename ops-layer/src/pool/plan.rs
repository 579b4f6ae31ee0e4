//! The pools of one generation.

use super::{registry::Managed, Driver, Pool, PoolError};
use ops_config::value::Name;
use std::{any::Any, collections::BTreeMap, sync::Arc};

/// The pools of one generation, by name.
#[derive(Clone, Debug, Default)]
pub struct PoolsPlan {
    pub(super) pools: BTreeMap<Name, Arc<dyn Managed>>,
}

impl PoolsPlan {
    /// The pool of a name.
    ///
    /// # Errors
    /// When there is none, or it opens another kind of database.
    pub fn get<DB: Driver>(&self, name: &str) -> Result<Pool<DB>, PoolError> {
        let pool = self.pools.get(name).ok_or_else(|| PoolError::Unknown { name: name.to_owned() })?;
        typed(&**pool)
    }

    /// The names of all pools.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.pools.keys()
    }
}

/// A pool as what it is.
pub(super) fn typed<DB: Driver>(pool: &dyn Managed) -> Result<Pool<DB>, PoolError> {
    let any: &dyn Any = pool;
    any.downcast_ref::<Pool<DB>>().cloned().ok_or_else(|| PoolError::OtherDatabase {
        pool: pool.pool_name().clone(),
        found: pool.database(),
        asked: DB::NAME,
    })
}
