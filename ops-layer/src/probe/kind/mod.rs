//! The checks of `[probes.checks]`.

mod disk;
mod http;
mod memory;
mod pool;
mod tcp;

#[cfg(test)]
pub(super) use {disk::Disk, memory::available};

use super::{HealthCheck, PoolPing};
use ops_config::{section::CheckConfig, value::Name};
use std::sync::Arc;

/// Makes a check of its configuration.
pub(super) fn build(name: &Name, config: &CheckConfig, ping: &PoolPing) -> Arc<dyn HealthCheck> {
    let name = name.clone();
    match config {
        CheckConfig::Pool(config) => Arc::new(pool::Pool::new(name, config.pool.clone(), Arc::clone(ping))),
        CheckConfig::Http(config) => Arc::new(http::Http::new(name, config.url.clone())),
        CheckConfig::Tcp(config) => Arc::new(tcp::Tcp::new(name, config.address.clone())),
        CheckConfig::Disk(config) => Arc::new(disk::Disk::new(name, config.path.clone(), config.min_free.bytes())),
        CheckConfig::Memory(config) => Arc::new(memory::Memory::new(name, config.min_available.bytes())),
    }
}
