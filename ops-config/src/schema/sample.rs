//! The configuration of the annotated sample, which is also what the demo service runs with.
//!
//! Two values: [`active`] is what the sample says, [`complete`] has an example for
//! every key. What only the second has is printed as a comment, so that a key
//! without an example does not exist; a test compares the two with the schema.

use crate::{
    section::{
        AdaptiveConfig, ChaosConfig, CheckConfig, CircuitBreakerConfig, FailureRate, LimitModes, Mode, NetworkChaos,
        ObservabilityConfig, OpsConfig, RateConfig, ResetBackoff, RetryConfig, SlowCalls,
    },
    value::{minutes, CallWindow, Count, Factor, List, Period, Ratio, RoutePattern},
};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

/// What the sample says.
pub(super) fn active() -> OpsConfig {
    let mut config = OpsConfig {
        observability: ObservabilityConfig {
            service_name: Some("dx-www".to_owned()),
            environment: "development".to_owned(),
            sampling_rate: Ratio::literal(0.1),
            ..ObservabilityConfig::default()
        },
        chaos: ChaosConfig {
            network: NetworkChaos {
                latency: Some(Period::literal(100)),
                jitter: Some(Period::literal(20)),
                drop_rate: Some(Ratio::literal(0.1)),
                partition: false,
            },
            ..ChaosConfig::default()
        },
        ..OpsConfig::default()
    };
    config.observability.logging.redact = example(json!(["card_number"]));
    config.limits.request_timeout = Some(Period::literal(30_000));
    config.probes.checks.insert(example("main-db"), check("main-db"));
    config.pools.insert(example("main"), example(json!({})));
    let upstream =
        CircuitBreakerConfig { routes: List::literal([RoutePattern::everything()]), ..CircuitBreakerConfig::default() };
    config.breakers.insert(example("upstream"), upstream);
    config.retries.insert(example("upstream"), RetryConfig::default());
    config
}

/// What the sample says, and an example for every key that it leaves out.
pub(super) fn complete() -> OpsConfig {
    let mut config = active();
    let observability = &mut config.observability;
    observability.resource_attributes = example(json!({ "service.version": "1.4.2" }));
    observability.max_traces_per_second = Some(Count::literal(100));
    observability.otlp_endpoint = Some(example("http://127.0.0.1:4317"));
    observability.otlp_headers = example(json!({ "authorization": { "env": "OTLP_TOKEN" } }));
    observability.logging.access_rules = example(json!([
        { "route": "/checkout/*", "statuses": ["4xx", "5xx"], "slower_than": "1s", "rate": 1.0 },
    ]));
    observability.sampling_rules = example(json!([{ "route": "/checkout/*", "sampling_rate": 1.0 }]));
    config.admin.token = Some(example(json!({ "file": "/run/secrets/ops-admin" })));
    config.limits.modes = LimitModes {
        request_timeout: Some(Mode::Observe),
        stream_idle_timeout: Some(Mode::Observe),
        max_in_flight: Some(Mode::Enforce),
    };
    config.limits.stream_idle_timeout = Some(Period::literal(60_000));
    config.limits.adaptive = Some(AdaptiveConfig { mode: Some(Mode::Enforce), ..AdaptiveConfig::default() });
    let mut api: RateConfig = example(json!({ "routes": ["/api/**"], "key": "client", "rate": 100, "burst": 200 }));
    api.mode = Some(Mode::Enforce);
    config.limits.rates.insert(example("api"), api);
    for name in ["payments", "cache", "data", "memory"] {
        config.probes.checks.insert(example(name), check(name));
    }
    for retry in config.retries.values_mut() {
        retry.attempt_timeout = Some(Period::literal(2000));
    }
    for breaker in config.breakers.values_mut() {
        breaker.trial_timeout = Some(Period::literal(30_000));
        breaker.reset_backoff = Some(ResetBackoff {
            factor: Factor::literal(2.0),
            max: Period::literal(minutes(5)),
            jitter: Ratio::literal(0.1),
        });
        breaker.failure_rate = Some(FailureRate {
            threshold: Ratio::literal(0.5),
            window: CallWindow::Time(Period::literal(10_000)),
            min_calls: Count::literal(20),
        });
        breaker.slow_calls = Some(SlowCalls {
            slower_than: Period::literal(2000),
            threshold: Ratio::literal(0.8),
            window: CallWindow::Calls(Count::literal(100)),
            min_calls: Count::literal(20),
        });
    }
    config
}

fn check(name: &str) -> CheckConfig {
    example(match name {
        "main-db" => json!({ "kind": "pool", "pool": "main" }),
        "payments" => json!({ "kind": "http", "url": "http://127.0.0.1:3000/health" }),
        "cache" => json!({ "kind": "tcp", "address": "127.0.0.1:6379", "critical": false }),
        "data" => json!({ "kind": "disk", "path": "/var/lib", "min_free": "1GiB" }),
        _ => json!({ "kind": "memory", "min_available": "64MiB" }),
    })
}

fn example<T: DeserializeOwned>(value: impl Into<Value>) -> T {
    serde_json::from_value(value.into()).expect("the sample's values are constants, which every test run decodes")
}
