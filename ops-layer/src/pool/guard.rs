//! One connection on loan.

use super::{live::Live, shared::Shared, Driver};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// One connection on loan. It is the driver's connection to whoever uses it, and back when dropped.
pub struct PoolConnection<DB: Driver> {
    /// Taken by drop only.
    live: Option<Live<DB>>,
    shared: Arc<Shared<DB>>,
    /// Borrowed for a change: a query may have been sent, and its answer not yet read.
    is_touched: bool,
}

impl<DB: Driver> PoolConnection<DB> {
    pub(super) fn new(live: Live<DB>, shared: Arc<Shared<DB>>) -> Self {
        Self { live: Some(live), shared, is_touched: false }
    }

    /// The connection back, for who holds the lock that dropping would take.
    pub(super) fn dissolve(mut self) -> Option<Live<DB>> {
        self.live.take()
    }
}

impl<DB: Driver> Deref for PoolConnection<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.live.as_ref().expect("only drop takes it").connection
    }
}

impl<DB: Driver> DerefMut for PoolConnection<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.is_touched = true;
        &mut self.live.as_mut().expect("only drop takes it").connection
    }
}

impl<DB: Driver> Drop for PoolConnection<DB> {
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            if self.is_touched {
                self.shared.settle(live);
            } else {
                self.shared.give_back(live);
            }
        }
    }
}

impl<DB: Driver> fmt::Debug for PoolConnection<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolConnection").field("pool", self.shared.name()).finish_non_exhaustive()
    }
}
