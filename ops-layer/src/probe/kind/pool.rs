//! A connection of a pool answers.

use super::super::{CheckFuture, HealthCheck, PoolPing};
use ops_config::value::Name;

pub(super) struct Pool {
    name: Name,
    asks: Name,
    ping: PoolPing,
}

impl Pool {
    pub(super) fn new(name: Name, asks: Name, ping: PoolPing) -> Self {
        Self { name, asks, ping }
    }
}

impl HealthCheck for Pool {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        (self.ping)(self.asks.clone())
    }
}
