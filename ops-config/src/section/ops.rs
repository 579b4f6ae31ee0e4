//! The whole file.

use super::{
    AdminConfig, ChaosConfig, CheckConfig, CircuitBreakerConfig, LimitsConfig, ObservabilityConfig, PoolConfig,
    ProbesConfig, ReloadConfig, RetryConfig, ServerConfig, ShutdownConfig,
};
use crate::value::{Count, Name, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the file's format.
pub type Version = Count<1, 1>;

/// How a service is operated. Every key takes effect on save, without a restart;
/// a save that does not check changes nothing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpsConfig {
    /// The version of this file's format. Count, always 1. The only required key: a file without
    /// it is taken for incomplete and refused.
    ///
    /// Reload: must stay.
    pub version: Version,

    /// What is measured, traced and logged, and where it goes.
    #[serde(default)]
    pub observability: ObservabilityConfig,

    /// Where requests come in. Read by `ops serve` and `Ops::serve`.
    #[serde(default)]
    pub server: ServerConfig,

    /// The operator's listener: configuration and its reload.
    #[serde(default)]
    pub admin: AdminConfig,

    /// How much is taken on at once, and for how long.
    #[serde(default)]
    pub limits: LimitsConfig,

    /// How the process ends.
    #[serde(default)]
    pub shutdown: ShutdownConfig,

    /// Health checks, made in the background.
    #[serde(default)]
    pub probes: ProbesConfig,

    /// Database pools by name.
    ///
    /// Reload: a new pool is opened before it is in force; one that is gone closes as its connections come back.
    #[serde(default)]
    pub pools: BTreeMap<Name, PoolConfig>,

    /// Circuit breakers by name. Of several whose routes match a request, the one with the most
    /// specific pattern judges it. `[breakers.default]` is none of them: each takes from it the keys
    /// it leaves out, of tables key by key.
    ///
    /// Reload: a new one starts closed; one that is gone lets every call pass and forgets its state.
    #[serde(default)]
    pub breakers: BTreeMap<Name, CircuitBreakerConfig>,

    /// Retries by name, for calls of other services.
    ///
    /// Reload: a new one begins with the least there is; one that is gone lets every call pass once.
    #[serde(default)]
    pub retries: BTreeMap<Name, RetryConfig>,

    /// Faults made on purpose.
    #[serde(default)]
    pub chaos: ChaosConfig,

    /// How a changed file is noticed.
    #[serde(default)]
    pub reload: ReloadConfig,
}

impl Default for OpsConfig {
    fn default() -> Self {
        Self {
            version: Version::literal(1),
            observability: ObservabilityConfig::default(),
            server: ServerConfig::default(),
            admin: AdminConfig::default(),
            limits: LimitsConfig::default(),
            shutdown: ShutdownConfig::default(),
            probes: ProbesConfig::default(),
            pools: BTreeMap::new(),
            breakers: BTreeMap::new(),
            retries: BTreeMap::new(),
            chaos: ChaosConfig::default(),
            reload: ReloadConfig::default(),
        }
    }
}

impl OpsConfig {
    /// Every secret with the segments of its key, to be resolved.
    pub(crate) fn secrets_mut(&mut self) -> impl Iterator<Item = (Vec<&str>, &mut Secret)> {
        let token = self.admin.token.as_mut().map(|token| (vec!["admin", "token"], token));
        let headers = self.observability.otlp_headers.iter_mut();
        let headers = headers.map(|(name, secret)| (vec!["observability", "otlp_headers", name.as_str()], secret));
        let urls =
            self.pools.iter_mut().map(|(name, pool)| (vec!["pools", name.as_str(), "url"], pool.url.secret_mut()));
        token.into_iter().chain(headers).chain(urls)
    }

    /// Every address whose query may hold a secret, with the segments of its key.
    pub(crate) fn http_urls(&self) -> impl Iterator<Item = (Vec<&str>, &str)> {
        let collector = self.observability.otlp_endpoint.iter();
        let collector = collector.map(|url| (vec!["observability", "otlp_endpoint"], url.as_str()));
        let checks = self.probes.checks.iter().filter_map(|(name, check)| match check {
            CheckConfig::Http(check) => Some((vec!["probes", "checks", name.as_str(), "url"], check.url.as_str())),
            _ => None,
        });
        collector.chain(checks)
    }
}
