//! Which traces are recorded.
//!
//! The last 56 bits of a trace id decide: at or above a threshold the trace is
//! recorded, as OpenTelemetry's consistent probability sampling has it, so every
//! service with the same rate decides alike from the id alone. An independent coin
//! would miss its rate by a tenth about three times in ten at a thousand requests.
//! Here the ids are dealt instead: an accumulator says whether the next id lies
//! above the threshold, and only its place on that side is random. Of any N traces
//! begun under one rate R, N·R are recorded, give or take less than one.

use super::TraceContext;
use crate::clock::Moment;
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::{
    section::{ObservabilityConfig, SamplingRule},
    value::{Ratio, RoutePattern},
};
use std::sync::{
    atomic::{AtomicU64, Ordering::Relaxed},
    Arc,
};

/// How many values 56 bits have.
const SPAN: u64 = 1 << 56;

/// One rate, with how far it has dealt.
#[derive(Debug)]
struct Rate {
    ratio: Ratio,
    threshold: u64,
    dealt: AtomicU64,
}

impl Rate {
    /// Starts anywhere, so that the processes of a fleet do not all record their n-th request.
    fn new(ratio: Ratio, start: u64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a ratio times 2^56 fits"
        )]
        let recorded = (ratio.get() * SPAN as f64) as u64;
        Self { ratio, threshold: SPAN - recorded, dealt: AtomicU64::new(start) }
    }

    /// The last 56 bits of the next trace id.
    fn deal(&self, random: u64) -> u64 {
        let recorded = SPAN - self.threshold;
        // The step is the ratio of all values of a word: it wraps once for each recorded trace.
        let above = recorded == SPAN || {
            let step = recorded << 8;
            self.dealt.fetch_add(step, Relaxed).checked_add(step).is_none()
        };
        if above {
            self.threshold + scale(random, recorded)
        } else {
            scale(random, self.threshold)
        }
    }

    fn records(&self, trace_id: TraceId) -> bool {
        trace_bits(trace_id) >= self.threshold
    }
}

/// A random word as a number below `bound`.
fn scale(random: u64, bound: u64) -> u64 {
    let [high, _] = halves(u128::from(random) * u128::from(bound));
    high
}

fn halves(wide: u128) -> [u64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "each half is a word")]
    [(wide >> 64) as u64, wide as u64]
}

fn trace_bits(trace_id: TraceId) -> u64 {
    let [_, low] = halves(u128::from_be_bytes(trace_id.to_bytes()));
    low & (SPAN - 1)
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
    pub(crate) fn new(config: &ObservabilityConfig) -> Self {
        let rate = |ratio| Rate::new(ratio, fastrand::u64(..));
        let rule = |rule: &SamplingRule| (rule.route.clone(), rate(rule.sampling_rate));
        Self {
            rules: config.sampling_rules.iter().map(rule).collect(),
            rest: rate(config.sampling_rate),
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
        tally: &Tally,
        now: impl FnOnce() -> Moment,
    ) -> Decision {
        let span_id = random_span_id();
        let context = match &remote {
            Some(remote) => remote.with_span(span_id),
            None => self.begin(path, span_id, tally, now),
        };
        tally.count(context.is_sampled());
        Decision { context, remote }
    }

    fn begin(&self, path: &str, span_id: SpanId, tally: &Tally, now: impl FnOnce() -> Moment) -> TraceContext {
        let rate = self.rules.iter().find(|(route, _)| route.matches(path)).map_or(&self.rest, |(_, rate)| rate);
        let low = u128::from(rate.deal(fastrand::u64(..))) | u128::from(fastrand::u8(..)) << 56;
        // A trace id is never all zero.
        let trace_id = TraceId::from(u128::from(fastrand::u64(1..)) << 64 | low);
        let recorded = rate.records(trace_id) && self.per_second.is_none_or(|most| tally.admit(most, now()));
        TraceContext::new(trace_id, span_id, TraceContext::RANDOM | u8::from(recorded))
    }
}

/// A span id of our own; never zero.
pub(super) fn random_span_id() -> SpanId {
    SpanId::from(fastrand::u64(1..))
}

/// What was decided so far. Belongs to the process: a reload neither restarts the counts
/// nor grants a second share of this second's traces.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sampled: AtomicU64,
    dropped: AtomicU64,
    /// The second since the start in the upper half, the traces begun in it in the lower.
    window: AtomicU64,
}

impl Tally {
    fn count(&self, sampled: bool) {
        let counter = if sampled { &self.sampled } else { &self.dropped };
        counter.fetch_add(1, Relaxed);
    }

    /// Whether one more trace may begin in the second that `now` lies in.
    fn admit(&self, most: u32, now: Moment) -> bool {
        let second = (now.nanos() / 1_000_000_000) << 32;
        let next = |window: u64| match window.checked_sub(second) {
            // A thread that read the clock late counts within the newer second.
            Some(_) if window & u64::from(u32::MAX) >= u64::from(most) => None,
            Some(_) => Some(window + 1),
            None => Some(second + 1),
        };
        self.window.fetch_update(Relaxed, Relaxed, next).is_ok()
    }

    /// Requests recorded and not recorded.
    pub(crate) fn snapshot(&self) -> (u64, u64) {
        (self.sampled.load(Relaxed), self.dropped.load(Relaxed))
    }
}

/// Keeps the sampler whose settings did not change, with how far it has dealt.
pub(crate) fn sampler_for(config: &ObservabilityConfig, current: Option<&Arc<Sampler>>) -> Arc<Sampler> {
    match current.filter(|sampler| sampler.fits(config)) {
        Some(sampler) => Arc::clone(sampler),
        None => Arc::new(Sampler::new(config)),
    }
}

#[cfg(test)]
mod tests;
