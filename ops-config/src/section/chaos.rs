//! `[chaos]`: faults made on purpose.

use crate::value::{days, minutes, Count, List, Period, Ratio, RoutePattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Faults made on purpose: which, how many, where, and until when.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChaosConfig {
    /// Whether faults are made. Yes or no. Refused where `observability.environment` is not one of `environments`.
    ///
    /// Reload: yes starts an experiment, no ends it and heals faults under way.
    pub enabled: bool,

    /// The share of eligible calls that each fault strikes, unless it has a rate of its own.
    ///
    /// Reload: applies to the next call.
    pub intensity: ChaosIntensity,

    /// How long an experiment lasts, from the save that enabled it. Time, 1s to 7d.
    ///
    /// Reload: the running experiment is measured against the new value, from its own start.
    pub duration: Period<1000, { days(7) }>,

    /// Where the decisions come from: the same seed makes the same ones. Count, 0 to 4294967295.
    ///
    /// Reload: applies to the next call.
    pub seed: Count<0, 4_294_967_295>,

    /// Where experiments are allowed. Texts, compared with `observability.environment`.
    ///
    /// Reload: checked at once.
    pub environments: List<String, 0, 100>,

    /// Which requests are eligible. Path patterns. Probes and the operator's listener never are.
    ///
    /// Reload: applies to the next call.
    pub routes: List<RoutePattern, 1, 1000>,

    /// Faults between the caller and the service.
    pub network: NetworkChaos,
}

impl Default for ChaosConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            intensity: ChaosIntensity::Low,
            duration: Period::literal(minutes(1)),
            seed: Count::literal(42),
            environments: List::literal(["development", "test", "staging"].map(str::to_owned)),
            routes: List::literal([RoutePattern::everything()]),
            network: NetworkChaos::default(),
        }
    }
}

/// How many of the eligible calls a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ChaosIntensity {
    /// 10 %.
    Low,
    /// 30 %.
    Medium,
    /// 50 %.
    High,
}

impl ChaosIntensity {
    /// The share as a ratio.
    #[must_use]
    pub const fn rate(self) -> Ratio {
        match self {
            Self::Low => Ratio::literal(0.1),
            Self::Medium => Ratio::literal(0.3),
            Self::High => Ratio::literal(0.5),
        }
    }
}

/// Faults between the caller and the service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkChaos {
    /// Delays a struck call. Time, 1ms to 5m. Left out: no delay.
    ///
    /// Reload: applies to the next call; a delay under way that no longer stands ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Period<1, { minutes(5) }>>,

    /// Lengthens or shortens each delay by up to this much. Time, 0s to 5m; at most `latency`. Left out: each is the same.
    ///
    /// Reload: applies to the next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Period<0, { minutes(5) }>>,

    /// The share of calls whose connection is closed without a response. Ratio, 0.0 to 1.0. Left out: none.
    ///
    /// Reload: applies to the next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop_rate: Option<Ratio>,

    /// Whether every eligible call fails as if the service could not be reached. Yes or no.
    ///
    /// Reload: applies to the next call.
    pub partition: bool,
}
