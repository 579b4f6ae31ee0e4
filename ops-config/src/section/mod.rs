//! The sections of `ops.toml`, as plain data.
//!
//! One file a section; a field's doc is its hover text in the editor, its line
//! in the annotated sample and its entry in the key reference: first what it
//! means, with unit and range, then what a reload does to it.

mod admin;
mod breakers;
mod chaos;
mod limits;
mod observability;
mod ops;
mod pools;
mod probes;
mod reload;
mod retries;
mod server;
mod shutdown;

pub use admin::AdminConfig;
pub use breakers::{CircuitBreakerConfig, FailureRate, ResetBackoff, SlowCalls};
pub use chaos::{ChaosConfig, ChaosIntensity, NetworkChaos};
pub use limits::{AdaptiveConfig, LimitModes, LimitsConfig, Mode, RateConfig};
pub use observability::{AccessRule, LogFormat, LoggingConfig, ObservabilityConfig, OtlpProtocol, SamplingRule};
pub use ops::{OpsConfig, Version};
pub use pools::PoolConfig;
pub use probes::{CheckConfig, DiskCheck, HttpCheck, MemoryCheck, PoolCheck, ProbeGroup, ProbesConfig, TcpCheck};
pub use reload::ReloadConfig;
pub use retries::{RetryBudgetConfig, RetryConfig};
pub use server::ServerConfig;
pub use shutdown::ShutdownConfig;
