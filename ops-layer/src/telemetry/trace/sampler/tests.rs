//! Which traces are recorded: how many, and which ids they have.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts, and a ratio of 2^56"
)]

mod capped;
mod costs;
mod older;
mod reloads;
mod routes;

use super::{Cap, Sampler, SPAN};
use crate::{
    clock::Moment,
    telemetry::trace::{SpanId, TraceContext, TraceId},
};
use ops_config::section::ObservabilityConfig;
use proptest::prelude::*;
use std::collections::HashSet;

const AT: fn() -> Moment = || Moment::from_nanos(0);

fn sampler(toml: &str) -> Sampler {
    Sampler::new(&config(toml), None)
}

fn config(toml: &str) -> ObservabilityConfig {
    let text = format!("version = 1\n[observability]\n{toml}");
    let texts = ops_config::source::Texts::from_bytes("ops.toml", text.into_bytes()).expect("a file");
    let sources = ops_config::source::Sources::from_file("ops.toml");
    let checked = ops_config::check::check(&sources, &texts).expect("a configuration");
    checked.config().observability.clone()
}

fn new_traces(sampler: &Sampler, path: &str, count: usize) -> Vec<TraceContext> {
    let cap = Cap::default();
    (0..count).map(|_| sampler.decide(path, None, &cap, AT).context).collect()
}

fn sampled(traces: &[TraceContext]) -> usize {
    traces.iter().filter(|trace| trace.is_sampled()).count()
}

proptest! {
    /// Feature: production-excellence, Property 2: of N ≥ 1000 new traces the share recorded is within 10 % of R.
    #[test]
    fn the_rate_is_met_and_not_by_luck(permille in 0u32..=1000, count in 1000usize..3000) {
        let rate = f64::from(permille) / 1000.0;
        let traces = new_traces(&sampler(&format!("sampling_rate = {rate:?}")), "/", count);
        let (got, wanted) = (sampled(&traces) as f64, rate * count as f64);
        // One trace either way is the grain of counting; it is a tenth of R from R·N = 10 on.
        prop_assert!((got - wanted).abs() < 1.0, "{got} of {count} at {rate}");
        prop_assert!(wanted < 10.0 || (got / count as f64 - rate).abs() <= rate * 0.1);
    }

    /// Feature: production-excellence, Property 2: a service downstream that decides by trace id decides alike.
    #[test]
    fn the_decision_follows_from_the_trace_id(permille in 0u32..=1000, count in 1usize..300) {
        let rate = f64::from(permille) / 1000.0;
        let threshold = SPAN - (rate * SPAN as f64) as u64;
        for trace in new_traces(&sampler(&format!("sampling_rate = {rate:?}")), "/", count) {
            let bytes = trace.trace_id().to_bytes();
            let bits = u64::from_be_bytes(bytes[8..].try_into().expect("eight")) & (SPAN - 1);
            prop_assert_eq!(trace.is_sampled(), bits >= threshold);
        }
    }

    /// Feature: production-excellence, Property 2: ids stay spread over all values, so other rates hold downstream too.
    #[test]
    fn ids_are_spread_evenly(permille in 1u32..1000) {
        let count = 8000;
        let traces = new_traces(&sampler(&format!("sampling_rate = {:?}", f64::from(permille) / 1000.0)), "/", count);
        let mut eighths = [0usize; 8];
        for trace in &traces {
            eighths[usize::from(trace.trace_id().to_bytes()[9] >> 5)] += 1;
        }
        // Fifteen standard deviations of a fair deal.
        prop_assert!(eighths.iter().all(|n| n.abs_diff(count / 8) < 450), "{eighths:?}");
        let ids: HashSet<_> = traces.iter().map(TraceContext::trace_id).collect();
        prop_assert_eq!(ids.len(), count);
    }

    /// Feature: production-excellence, Property 1: a caller's trace id and decision are kept.
    #[test]
    fn a_caller_decides(trace in 1u128.., span in 1u64.., flags in 0u8..4, permille in 0u32..=1000) {
        let remote = TraceContext::new(TraceId::from(trace), SpanId::from(span), flags);
        let sampler = sampler(&format!("sampling_rate = {:?}\nmax_traces_per_second = 1", f64::from(permille) / 1000.0));
        let cap = Cap::default();
        for _ in 0..3 {
            let decision = sampler.decide("/", Some(remote.clone()), &cap, AT);
            prop_assert_eq!(decision.context.trace_id(), remote.trace_id());
            prop_assert_eq!(decision.context.flags(), remote.flags());
            prop_assert_ne!(decision.context.span_id(), remote.span_id());
            prop_assert_eq!(decision.remote.as_ref(), Some(&remote));
        }
    }
}

#[test]
fn the_first_rule_that_matches_wins() {
    let sampler = sampler(concat!(
        "sampling_rate = 0.0\n",
        "sampling_rules = [{ route = \"/pay/free\", sampling_rate = 0.0 }, { route = \"/pay/*\", sampling_rate = 1.0 }]",
    ));
    for (path, wanted) in [("/pay/card", 50), ("/pay/free", 0), ("/", 0)] {
        assert_eq!(sampled(&new_traces(&sampler, path, 50)), wanted, "{path}");
    }
}

#[test]
fn a_rule_that_alternates_with_another_route_is_dealt_its_own_share() {
    let sampler = sampler("sampling_rate = 0.5\nsampling_rules = [{ route = \"/a\", sampling_rate = 0.25 }]");
    let cap = Cap::default();
    let mut counts = [0, 0];
    for _ in 0..1000 {
        for (path, count) in ["/a", "/b"].iter().zip(&mut counts) {
            *count += usize::from(sampler.decide(path, None, &cap, AT).context.is_sampled());
        }
    }
    assert_eq!(counts, [250, 500]);
}

#[test]
fn a_sampler_fits_until_something_it_reads_changes() {
    let base = "sampling_rate = 0.5\nsampling_rules = [{ route = \"/a\", sampling_rate = 0.25 }]";
    let sampler = sampler(base);
    assert!(sampler.fits(&config(base)));
    assert!(sampler.fits(&config(&format!("service_name = \"x\"\n{base}"))));
    for other in [
        "sampling_rate = 0.5".to_owned(),
        base.replace("0.5", "0.4"),
        base.replace("0.25", "0.2"),
        base.replace("/a", "/b"),
        format!("{base}\nmax_traces_per_second = 5"),
    ] {
        assert!(!sampler.fits(&config(&other)), "{other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Feature: production-excellence, Property 2: threads that deal together are off by less than one trace, all in all.
    #[test]
    fn threads_that_deal_together_meet_the_rate(permille in 0u32..=1000, each in 250usize..600, threads in 2usize..5) {
        let rate = f64::from(permille) / 1000.0;
        let sampler = sampler(&format!("sampling_rate = {rate:?}"));
        let total: usize = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| sampled(&new_traces(&sampler, "/", each)))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        let wanted = rate * (each * threads) as f64;
        prop_assert!((total as f64 - wanted).abs() < 1.0, "{total} of {} at {rate}", each * threads);
    }
}
