//! Rates that change while they deal.

use super::{config, sampled, Cap, Sampler, AT};
use crate::telemetry::trace::sampler::sampler_for;
use proptest::prelude::*;
use std::sync::Arc;

/// A file: the rate of all that is left, and of one route if it has a rule.
fn section(rest: u32, route: Option<u32>) -> String {
    let rate = |permille: u32| f64::from(permille) / 1000.0;
    let rule = route.map(|route| format!("{{ route = \"/pay\", sampling_rate = {:?} }}", rate(route)));
    format!("sampling_rate = {:?}\nsampling_rules = [{}]", rate(rest), rule.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Feature: production-excellence, Property 2: through any changes of the rates, the sum of what was due is met.
    #[test]
    fn a_change_of_the_rate_goes_on_where_the_old_one_came_to(
        saves in prop::collection::vec((0u32..=1000, 0u32..=1000, 0usize..400, 0usize..400), 1..12),
    ) {
        let cap = Cap::default();
        let mut current: Option<Arc<Sampler>> = None;
        let (mut due, mut got) = ([0.0; 2], [0; 2]);
        for (rest, route, others, payments) in saves {
            let sampler = sampler_for(&config(&section(rest, Some(route))), current.as_ref());
            let paths = [("/", rest, others), ("/pay", route, payments)];
            for (which, (path, permille, count)) in paths.into_iter().enumerate() {
                let traces: Vec<_> = (0..count).map(|_| sampler.decide(path, None, &cap, AT).context).collect();
                got[which] += sampled(&traces);
                due[which] += f64::from(permille) / 1000.0 * count as f64;
            }
            current = Some(sampler);
        }
        for (got, due) in got.into_iter().zip(due) {
            prop_assert!((got as f64 - due).abs() < 1.0, "{got} of {due}");
        }
    }

    /// Feature: production-excellence, Property 2: requests of the generation before and of the next are dealt from one deck.
    #[test]
    fn generations_deal_together(permille in 0u32..=1000, other in 0u32..=1000, count in 500usize..1500) {
        let before = sampler_for(&config(&section(permille, None)), None);
        // A rule more elsewhere: a new sampler, and the same rate.
        let after = sampler_for(&config(&section(permille, Some(other))), Some(&before));
        let cap = Cap::default();
        let traces: Vec<_> =
            (0..count).map(|n| [&before, &after][n % 2].decide("/", None, &cap, AT).context).collect();
        let wanted = f64::from(permille) / 1000.0 * count as f64;
        prop_assert!((sampled(&traces) as f64 - wanted).abs() < 1.0);
    }
}

#[test]
fn settings_that_did_not_change_keep_their_sampler() {
    let before = sampler_for(&config(&section(500, Some(250))), None);
    assert!(Arc::ptr_eq(&before, &sampler_for(&config(&section(500, Some(250))), Some(&before))));
    assert!(!Arc::ptr_eq(&before, &sampler_for(&config(&section(500, None)), Some(&before))));
}
