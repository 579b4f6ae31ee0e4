//! Routes that share one rate, in traffic that comes in step with it.

use super::{sampler, Cap, AT};
use crate::telemetry::random;

/// How many of each path are recorded, of requests to all of them in turn.
fn recorded(rate: f64, seed: u64, rounds: usize, paths: &[&str]) -> Vec<usize> {
    random::begin_with([seed, seed + 1]);
    let (sampler, cap) = (sampler(&format!("sampling_rate = {rate:?}")), Cap::default());
    let mut counts = vec![0; paths.len()];
    for _ in 0..rounds {
        for (path, count) in paths.iter().zip(&mut counts) {
            *count += usize::from(sampler.decide(path, None, &cap, AT).context.is_sampled());
        }
    }
    counts
}

/// Within five standard deviations of as many independent coins. The seeds are given, so it always is.
fn is_fair(count: usize, of: usize, rate: f64) -> bool {
    (count as f64 - of as f64 * rate).abs() <= 5.0 * (of as f64 * rate * (1.0 - rate)).sqrt()
}

/// Feature: production-excellence, Property 2: two routes that take turns are each recorded at the rate they share.
#[test]
fn two_routes_that_take_turns_are_both_recorded_at_their_rate() {
    for (seed, rate) in [0.5, 0.25, 0.1, 0.05, 0.01, 0.3].into_iter().enumerate() {
        let counts = recorded(rate, seed as u64, 20_000, &["/a", "/b"]);
        assert!(counts.iter().all(|count| is_fair(*count, 20_000, rate)), "{rate}: {counts:?}");
        let sum: usize = counts.iter().sum();
        assert!((sum as f64 - 40_000.0 * rate).abs() < 1.0, "and both together exactly: {sum} at {rate}");
    }
}

#[test]
fn a_route_with_few_requests_among_many_is_recorded_at_the_rate_too() {
    let mut paths = vec!["/often"; 199];
    paths.push("/rare");
    let counts = recorded(0.1, 7, 500, &paths);
    assert!(is_fair(counts[199], 500, 0.1), "{} of 500", counts[199]);
}

#[test]
fn all_and_none_are_all_and_none_for_each_route() {
    assert_eq!(recorded(1.0, 1, 500, &["/a", "/b"]), [500, 500]);
    assert_eq!(recorded(0.0, 1, 500, &["/a", "/b"]), [0, 0]);
}
