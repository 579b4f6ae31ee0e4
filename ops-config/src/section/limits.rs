//! `[limits]`: how much is taken on at once, how fast, and for how long.

use crate::value::{hours, minutes, Count, List, Name, Period, RateKey, RoutePattern, Tolerance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much is taken on at once, how fast, and for how long.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// How long a request may take until its response begins; then it is answered 504. Time, 1ms to 24h. Left out: no limit.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout: Option<Period<1, { hours(24) }>>,

    /// How long a response may make no progress once it has begun, because the service produces nothing or the client
    /// takes nothing; then it is cut and all it holds is free: over HTTP/1.1 with its connection, over HTTP/2 with its
    /// stream. There a frame is progress when the next one is asked for, so frames should be smaller than what a slow
    /// client takes in this time. Streams of events should send something more often. Time, 100ms to 24h. Left out: no limit.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_idle_timeout: Option<Period<100, { hours(24) }>>,

    /// Requests taken on at once, each until its response has been sent whole; beyond it they are answered 503. Count, 1 to 1000000.
    ///
    /// Reload: admission follows the new bound at once; requests under way go on.
    pub max_in_flight: Count<1, 1_000_000>,

    /// What these limits do.
    ///
    /// Reload: applies to the next request.
    pub mode: Mode,

    /// What single limits do, where that is not what `mode` says.
    pub modes: LimitModes,

    /// How many requests at once the service can take, found out from how long they take, each counted until its
    /// response begins; refuses beside `max_in_flight`. Left out: nothing is found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<AdaptiveConfig>,

    /// How fast requests may come, by name. Of several whose routes match a request, the one with the most
    /// specific pattern counts it.
    ///
    /// Reload: a new one starts with full buckets; one that is gone forgets what was spent.
    pub rates: BTreeMap<Name, RateConfig>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            request_timeout: None,
            stream_idle_timeout: None,
            max_in_flight: Count::literal(1024),
            mode: Mode::Enforce,
            modes: LimitModes::default(),
            adaptive: None,
            rates: BTreeMap::new(),
        }
    }
}

impl LimitsConfig {
    /// What a limit does that may have a mode of its own.
    #[must_use]
    pub fn mode_of(&self, own: Option<Mode>) -> Mode {
        own.unwrap_or(self.mode)
    }
}

/// What single limits do, where that is not what `limits.mode` says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitModes {
    /// What `request_timeout` does. Left out: as `limits.mode`.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout: Option<Mode>,

    /// What `stream_idle_timeout` does. Left out: as `limits.mode`.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_idle_timeout: Option<Mode>,

    /// What `max_in_flight` does. Left out: as `limits.mode`.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<Mode>,
}

/// A limit on requests at once that follows what the service can take. It begins at `floor` and rises while
/// responses take as long as ever; where they take longer, requests wait for each other, and it falls.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptiveConfig {
    /// It never falls below this. Count, 1 to 1000000; at most `ceiling`.
    ///
    /// Reload: applies to the next request; what was found out is kept.
    pub floor: Count<1, 1_000_000>,

    /// It never rises above this. Count, 1 to 1000000.
    ///
    /// Reload: applies to the next request; what was found out is kept.
    pub ceiling: Count<1, 1_000_000>,

    /// The time to a response may grow by this factor before it counts as waiting. Number, from 1.1 to 10.0.
    ///
    /// Reload: applies to the window under way.
    pub tolerance: Tolerance,

    /// How often the limit is looked at; less often where there is little to see. Time, 100ms to 10m.
    ///
    /// Reload: applies after the window under way.
    pub window: Period<100, { minutes(10) }>,

    /// What this limit does: beyond it requests are answered 503. Left out: as `limits.mode`.
    ///
    /// Reload: applies to the next request; what was found out is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            floor: Count::literal(10),
            ceiling: Count::literal(1000),
            tolerance: Tolerance::literal(1.5),
            window: Period::literal(1000),
            mode: None,
        }
    }
}

/// How fast requests may come: each takes a token out of a bucket that fills up again steadily.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// Which requests take a token. Path patterns.
    ///
    /// Reload: applies to the next request; what was spent stays spent.
    #[serde(default = "everywhere")]
    pub routes: List<RoutePattern, 1, 1000>,

    /// Which requests share a bucket: all, those of a client by its address, those for a pattern of `routes`,
    /// or those with the same value of a header. Behind a proxy all come from one address: name a header
    /// that the proxy sets.
    ///
    /// Reload: another key starts with full buckets.
    #[serde(default = "all")]
    pub key: RateKey,

    /// Tokens that come back in each `period`. Count, 1 to 1000000.
    ///
    /// Reload: buckets fill at the new rate from now on; what was spent stays spent, of a bucket that becomes
    /// smaller at most all of it.
    pub rate: Count<1, 1_000_000>,

    /// The time in which `rate` tokens come back. Time, 1s to 24h.
    ///
    /// Reload: as of `rate`.
    #[serde(default = "second")]
    pub period: Period<1000, { hours(24) }>,

    /// Tokens in a full bucket: as many requests may come at once. Count, 1 to 1000000. Left out: as `rate`.
    ///
    /// Reload: applies to the next request; what was spent stays spent, at most all of the new bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<Count<1, 1_000_000>>,

    /// Buckets kept at most, where `key` has many values. A bucket that is full again makes room; while none is,
    /// further values share one. Count, 1 to 1000000. Each takes about 40 bytes.
    ///
    /// Reload: with fewer, buckets go as they fill up.
    #[serde(default = "many")]
    pub max_keys: Count<1, 1_000_000>,

    /// What this rate does: beyond it requests are answered 429. Left out: as `limits.mode`.
    ///
    /// Reload: applies to the next request; what was spent stays spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

fn everywhere() -> List<RoutePattern, 1, 1000> {
    List::literal([RoutePattern::everything()])
}

const fn all() -> RateKey {
    RateKey::All
}

const fn second() -> Period<1000, { hours(24) }> {
    Period::literal(1000)
}

const fn many() -> Count<1, 1_000_000> {
    Count::literal(10_000)
}

/// What a guard does with what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Mode {
    /// Nothing: requests pass as if it were not there.
    Off,
    /// Counts what it would refuse, and lets it pass.
    Observe,
    /// Refuses.
    #[default]
    Enforce,
}
