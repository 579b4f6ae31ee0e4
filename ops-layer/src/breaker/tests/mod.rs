//! What must hold of breakers.

mod force;
mod handle;
mod model;
mod properties;
mod reload;
mod services;

use super::{Breaker, BreakerSet, CircuitState, Circuits};
use crate::clock::Moment;
use ops_config::{
    section::CircuitBreakerConfig,
    value::{Count, List, Name, Period},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A moment so many milliseconds after the first.
fn at(millis: u64) -> Moment {
    Moment::from_duration(Duration::from_millis(millis))
}

/// A breaker of all requests with so many failures in a row and such a reset timeout in milliseconds.
fn config(failures: u64, reset: u64) -> CircuitBreakerConfig {
    CircuitBreakerConfig {
        routes: List::literal(["/**".parse().expect("a pattern")]),
        failure_threshold: Count::try_from(failures).expect("a threshold"),
        reset_timeout: Period::try_from_millis(reset).expect("a timeout"),
        ..CircuitBreakerConfig::default()
    }
}

/// These settings for the breaker "b".
fn set(config: &CircuitBreakerConfig, circuits: &Circuits) -> BreakerSet {
    let name: Name = "b".parse().expect("a name");
    BreakerSet::build(&BTreeMap::from([(name, config.clone())]), circuits, None)
}

/// A breaker of its own with these settings.
fn breaker(config: &CircuitBreakerConfig) -> Arc<Breaker> {
    Arc::clone(set(config, &Circuits::new()).get("b").expect("the breaker"))
}
