//! Feature: production-excellence, Property 7: serialise then deserialise gives an equal value.
//!
//! The exception is a secret written in place: it is printed as its mask, and the
//! mask is refused when read, so that a printed configuration cannot take its place.

use super::{
    super::document,
    documents::{valid, Secrets},
};
use crate::{
    section::{
        AccessRule, AdaptiveConfig, AdminConfig, ChaosConfig, CheckConfig, CircuitBreakerConfig, FailureRate,
        LimitModes, LimitsConfig, LoggingConfig, NetworkChaos, ObservabilityConfig, OpsConfig, PoolConfig,
        ProbesConfig, RateConfig, ReloadConfig, ResetBackoff, RetryBudgetConfig, RetryConfig, SamplingRule,
        ServerConfig, ShutdownConfig, SlowCalls,
    },
    value::{Secret, MASK},
};
use proptest::prelude::*;
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};
use std::fmt::Debug;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(made: Value) -> Result<(), TestCaseError> {
    let first: T = serde_json::from_value(made).unwrap();
    let json = serde_json::to_string(&first).unwrap();
    let toml = toml::to_string(&first).unwrap();
    let (from_json, from_toml): (T, T) = (serde_json::from_str(&json).unwrap(), toml::from_str(&toml).unwrap());
    prop_assert_eq!(&first, &from_json, "{}", json);
    prop_assert_eq!(&first, &from_toml, "{}", toml);
    prop_assert_eq!(serde_json::to_string(&from_json).unwrap(), json, "the second text is the first");
    prop_assert_eq!(toml::to_string(&from_toml).unwrap(), toml, "the second text is the first");
    Ok(())
}

macro_rules! round_trips {
    ($($test:ident: $type:ty = $definition:literal;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(128))]
            $(
                /// Feature: production-excellence, Property 7: serialise then deserialise gives an equal value.
                #[test]
                fn $test(made in valid(document().pointer($definition).unwrap(), Secrets::Elsewhere)) {
                    round_trip::<$type>(made)?;
                }
            )*
        }
    };
}

round_trips! {
    whole_configurations: OpsConfig = "";
    observability: ObservabilityConfig = "/$defs/ObservabilityConfig";
    logging: LoggingConfig = "/$defs/LoggingConfig";
    access_rules: AccessRule = "/$defs/AccessRule";
    sampling_rules: SamplingRule = "/$defs/SamplingRule";
    servers: ServerConfig = "/$defs/ServerConfig";
    admin: AdminConfig = "/$defs/AdminConfig";
    limits: LimitsConfig = "/$defs/LimitsConfig";
    adaptive_limits: AdaptiveConfig = "/$defs/AdaptiveConfig";
    limit_modes: LimitModes = "/$defs/LimitModes";
    rates: RateConfig = "/$defs/RateConfig";
    shutdown: ShutdownConfig = "/$defs/ShutdownConfig";
    probes: ProbesConfig = "/$defs/ProbesConfig";
    checks: CheckConfig = "/$defs/CheckConfig";
    pools: PoolConfig = "/$defs/PoolConfig";
    breakers: CircuitBreakerConfig = "/$defs/CircuitBreakerConfig";
    reset_backoffs: ResetBackoff = "/$defs/CircuitBreakerConfig/properties/reset_backoff";
    failure_rates: FailureRate = "/$defs/CircuitBreakerConfig/properties/failure_rate";
    slow_calls: SlowCalls = "/$defs/CircuitBreakerConfig/properties/slow_calls";
    retries: RetryConfig = "/$defs/RetryConfig";
    retry_budgets: RetryBudgetConfig = "/$defs/RetryConfig/properties/budget";
    chaos: ChaosConfig = "/$defs/ChaosConfig";
    network_chaos: NetworkChaos = "/$defs/NetworkChaos";
    reload: ReloadConfig = "/$defs/ReloadConfig";
}

/// Every struct of the file is in the list above.
#[test]
fn every_table_is_among_them() {
    let listed = include_str!("round_trip.rs");
    for (name, schema) in document()["$defs"].as_object().unwrap() {
        let is_text = schema.get("oneOf").is_some_and(|choices| choices.pointer("/0/const").is_some());
        assert!(is_text || listed.contains(&format!("\"/$defs/{name}\"")), "{name} is not tested");
    }
}

proptest! {
    /// Feature: production-excellence, Property 7: a secret in place is printed as its mask, which is refused.
    #[test]
    fn a_secret_in_place_is_not_printed(text in "\\PC{1,20}") {
        prop_assume!(text != MASK);
        let secret: Secret = serde_json::from_value(json!(text)).unwrap();
        prop_assert_eq!(secret.expose(), Some(text.as_str()));
        let printed = serde_json::to_value(&secret).unwrap();
        prop_assert_eq!(&printed, &json!(MASK));
        prop_assert!(serde_json::from_value::<Secret>(printed).is_err());
    }
}
