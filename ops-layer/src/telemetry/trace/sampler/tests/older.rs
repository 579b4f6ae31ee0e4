//! Services downstream that decide by the rule most SDKs still use, which is the SDK's own here.

use super::{new_traces, sampled, sampler, TraceContext};
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};
use proptest::prelude::*;

/// What a service downstream decides that knows nothing but the id.
fn records(rate: f64, trace: &TraceContext) -> bool {
    let older = Sampler::TraceIdRatioBased(rate);
    let result = older.should_sample(None, trace.trace_id(), "GET", &SpanKind::Server, &[], &[]);
    result.decision == SamplingDecision::RecordAndSample
}

fn traces(rate: f64, count: usize) -> Vec<TraceContext> {
    new_traces(&sampler(&format!("sampling_rate = {rate:?}")), "/", count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Feature: production-excellence, Property 2: a service downstream that decides by the older rule decides alike.
    #[test]
    fn the_older_rule_decides_alike(rate in 1.0f64 / 256.0..=255.0 / 256.0, count in 1usize..300) {
        for trace in traces(rate, count) {
            prop_assert_eq!(trace.is_sampled(), records(rate, &trace), "{} at {}", trace, rate);
        }
    }

    /// Feature: production-excellence, Property 2: where a byte has too few values, the older rule errs to one side only.
    #[test]
    fn beyond_what_a_byte_can_say_the_older_rule_errs_to_one_side(rate in 0.0f64..1.0 / 256.0, count in 1usize..300) {
        for trace in traces(rate, count) {
            prop_assert!(trace.is_sampled() || !records(rate, &trace), "{trace} is not recorded here at {rate}");
        }
        for trace in traces(1.0 - rate, count) {
            prop_assert!(!trace.is_sampled() || records(1.0 - rate, &trace), "{trace} is recorded here at 1 - {rate}");
        }
    }

    /// Feature: production-excellence, Property 2: a service downstream with another rate finds its share by either rule.
    #[test]
    fn other_rates_downstream_find_their_share(percent in 10u32..=95, part in 0.1f64..0.9) {
        let (rate, count) = (f64::from(percent) / 100.0, 4000);
        let traces = traces(rate, count);
        let (ours, lower) = (sampled(&traces) as f64, rate * part);
        let theirs = traces.iter().filter(|trace| trace.is_sampled() && records(lower, trace)).count() as f64;
        // Six standard deviations of luck, and the grain of a byte.
        let luck = 6.0 * (part * (1.0 - part) / ours).sqrt() + 1.0 / (256.0 * rate);
        prop_assert!((theirs / ours - part).abs() <= luck, "{theirs} of {ours} for {part}");
        let higher = rate + (1.0 - rate) * part;
        prop_assert!(traces.iter().all(|trace| !trace.is_sampled() || records(higher, trace)));
        let more = traces.iter().filter(|trace| records(higher, trace)).count() as f64;
        let luck = 6.0 * (part * (1.0 - part) * (1.0 - rate) / count as f64).sqrt() + 1.0 / 128.0;
        prop_assert!((more / count as f64 - higher).abs() <= luck, "{more} of {count} for {higher}");
    }
}

#[test]
fn all_and_none_are_all_and_none_by_the_older_rule_too() {
    assert!(traces(1.0, 500).iter().all(|trace| trace.is_sampled() && records(1.0, trace)));
    assert!(traces(0.0, 500).iter().all(|trace| !trace.is_sampled() && !records(0.0, trace)));
}
