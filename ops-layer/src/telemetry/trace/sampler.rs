//! Which traces are recorded.
//!
//! The last 56 bits of a trace id decide: at or above a threshold the trace is
//! recorded, as OpenTelemetry's consistent probability sampling has it, so every
//! service with the same rate decides alike from the id alone. The ids are dealt: a
//! [`Deck`] says whether the next id lies above the threshold, and its place on that side
//! is random. Of all traces begun so far the sum of their rates is recorded, give or take
//! less than one, through every change of the rate. Each for itself is recorded with just the
//! probability of its rate, whatever comes in step with it, and so each id seen alone is
//! as random as W3C's random flag says.
//!
//! Most SDKs still decide by an older rule (`TraceIdRatioBased`, in Rust, Go and Python
//! among others): recorded is where the last 64 bits lie *below* the rate. The byte before
//! the 56 bits is free, and is chosen so that this rule decides the same too. It can for
//! any rate from 1/256 to 255/256; beyond, too few values of one byte are left (below 1/257
//! none at all), the 56 bits decide, and the older rule comes as near as it can. A service
//! downstream with a lower rate finds about its share among what is recorded here, to within
//! the grain of a byte by the older rule, and exactly by the newer.
//!
//! Unique ids: the first 64 bits are random whatever the rate, the last 64 for a rate of R
//! as far as log2(R·2^56) + log2(R·256) bits go: 57 at a tenth, 50 at a hundredth.
//!
//! Above `max_traces_per_second` a trace is not recorded although its id says so; that goes
//! downstream in the `sampled` flag alone.

use super::TraceContext;
use crate::{
    clock::Moment,
    telemetry::{
        deck::{part, Deck, WHOLE as SPAN},
        random,
    },
};
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::{
    section::{ObservabilityConfig, SamplingRule},
    value::{Ratio, RoutePattern},
};
use std::sync::{
    atomic::{AtomicU64, Ordering::Relaxed},
    Arc,
};

/// One rate, with the deck it is dealt from.
#[derive(Debug)]
struct Rate {
    ratio: Ratio,
    /// From here on, 56 bits are those of a recorded trace.
    threshold: u64,
    /// Up to here, 64 bits are those of a recorded trace by the older rule; 2^64 for all of them.
    older: u128,
    /// Belongs to the route, not to the rate: a new rate goes on from where the old one came to.
    deck: Arc<Deck>,
}

impl Rate {
    fn new(ratio: Ratio, before: Option<&Self>) -> Self {
        let deck = before.map_or_else(Arc::default, |before| Arc::clone(&before.deck));
        let threshold = SPAN - part(ratio, SPAN);
        // As the SDKs reckon: the last 64 bits, halved, below the ratio of 2^63.
        let older = u128::from(part(ratio, 1 << 63)) * 2;
        Self { ratio, threshold, older, deck }
    }

    /// The last 64 bits of the next trace id, and whether it is recorded.
    fn deal(&self, place: u64, byte: u64) -> (u64, bool) {
        let recorded = self.deck.takes(SPAN - self.threshold, || random::words()[0]);
        let bits = if recorded {
            self.threshold + random::below(SPAN - self.threshold, place)
        } else {
            random::below(self.threshold, place)
        };
        // So many values of the byte before make the older rule say yes: 0 to 256.
        let fits = (((self.older + u128::from(SPAN - 1 - bits)) << 8) >> 64) as u64;
        let byte = if recorded {
            random::below(fits.max(1), byte)
        } else {
            let fits = fits.min(255);
            fits + random::below(256 - fits, byte)
        };
        (byte << 56 | bits, recorded)
    }
}

/// The rates of one configuration.
#[derive(Debug)]
pub(crate) struct Sampler {
    rules: Box<[(RoutePattern, Rate)]>,
    rest: Rate,
    per_second: Option<u32>,
}

/// What was decided for one request.
#[derive(Debug)]
pub(super) struct Decision {
    /// The request's own place in the trace.
    pub(super) context: TraceContext,
    /// The caller's, if it sent one.
    pub(super) remote: Option<TraceContext>,
}

impl Sampler {
    /// A sampler that goes on dealing where the one before stands, for each route they have in common.
    pub(crate) fn new(config: &ObservabilityConfig, before: Option<&Self>) -> Self {
        let rule = |rule: &SamplingRule| {
            let before = before.and_then(|before| before.rules.iter().find(|(route, _)| *route == rule.route));
            (rule.route.clone(), Rate::new(rule.sampling_rate, before.map(|(_, rate)| rate)))
        };
        Self {
            rules: config.sampling_rules.iter().map(rule).collect(),
            rest: Rate::new(config.sampling_rate, before.map(|before| &before.rest)),
            per_second: config.max_traces_per_second.map(ops_config::value::Count::as_u32),
        }
    }

    /// Whether it decides as this configuration says.
    pub(crate) fn fits(&self, config: &ObservabilityConfig) -> bool {
        let same = |(rule, kept): (&SamplingRule, &(RoutePattern, Rate))| {
            rule.route == kept.0 && rule.sampling_rate == kept.1.ratio
        };
        self.rest.ratio == config.sampling_rate
            && self.per_second == config.max_traces_per_second.map(ops_config::value::Count::as_u32)
            && self.rules.len() == config.sampling_rules.len()
            && config.sampling_rules.iter().zip(&self.rules).all(same)
    }

    /// Decides for one request. A caller's decision is kept; a new trace is dealt one.
    pub(super) fn decide(
        &self,
        path: &str,
        remote: Option<TraceContext>,
        cap: &Cap,
        now: impl FnOnce() -> Moment,
    ) -> Decision {
        let context = match &remote {
            Some(remote) => remote.with_span(random_span_id()),
            None => self.begin(path, cap, now),
        };
        Decision { context, remote }
    }

    fn begin(&self, path: &str, cap: &Cap, now: impl FnOnce() -> Moment) -> TraceContext {
        let rate = self.rules.iter().find(|(route, _)| route.matches(path)).map_or(&self.rest, |(_, rate)| rate);
        let ([high, place], [span, byte]) = (random::words(), random::words());
        let (low, recorded) = rate.deal(place, byte);
        // An id is never all zero.
        let trace_id = TraceId::from(u128::from(high.max(1)) << 64 | u128::from(low));
        let recorded = recorded && self.per_second.is_none_or(|most| cap.admit(most, now()));
        TraceContext::new(trace_id, SpanId::from(span.max(1)), TraceContext::RANDOM | u8::from(recorded))
    }
}

/// A span id of our own; never zero.
pub(super) fn random_span_id() -> SpanId {
    let [word, _] = random::words();
    SpanId::from(word.max(1))
}

/// What `max_traces_per_second` has let through. Belongs to the process: a reload grants no second share
/// of this second's traces. In cache lines of its own: who records nothing reads the words beside it.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Cap {
    /// The second since the start in the upper half, the traces begun in it in the lower.
    window: AtomicU64,
}

impl Cap {
    /// Whether one more trace may begin in the second that `now` lies in. While the clock stands, that second lasts.
    fn admit(&self, most: u32, now: Moment) -> bool {
        let second = (now.nanos() / 1_000_000_000) & u64::from(u32::MAX);
        let next = |window: u64| {
            let (counted_in, count) = (window >> 32, window & u64::from(u32::MAX));
            // A request that came in before, and was held up, counts within the newer second.
            if second > counted_in {
                (most > 0).then_some(second << 32 | 1)
            } else {
                (count < u64::from(most)).then_some(window + 1)
            }
        };
        self.window.fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

/// Keeps the sampler whose settings did not change; a new one goes on from where the current one came to.
pub(crate) fn sampler_for(config: &ObservabilityConfig, current: Option<&Arc<Sampler>>) -> Arc<Sampler> {
    match current.filter(|sampler| sampler.fits(config)) {
        Some(sampler) => Arc::clone(sampler),
        None => Arc::new(Sampler::new(config, current.map(Arc::as_ref))),
    }
}

#[cfg(test)]
mod tests;
