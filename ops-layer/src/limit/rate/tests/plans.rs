//! Which requests share a bucket, and what an edit leaves alone.

use super::{at, from, plan, request, RateCounts, RatePlan};
use crate::refusal::Refusal;
use http::Request;
use proptest::{collection::vec, prelude::*};
use std::time::Duration;

/// How many of these requests are let through, one after the other, at once.
fn passed(plan: &RatePlan, requests: &[Request<()>]) -> usize {
    requests.iter().filter(|request| plan.admit(request, at(0)).is_ok()).count()
}

fn new(text: &str) -> RatePlan {
    plan(text, None, &RateCounts::new(), at(0))
}

#[test]
fn the_most_specific_pattern_counts_a_request() {
    let plan = new("rates.all = { rate = 1 }\nrates.api = { routes = [\"/api/**\"], rate = 2 }\nrates.free = { routes = [\"/api/free\"], rate = 1, mode = \"off\" }");
    assert_eq!(passed(&plan, &["/", "/", "/x"].map(request)), 1);
    assert_eq!(passed(&plan, &["/api/a", "/api/b", "/api/c"].map(request)), 2);
    assert_eq!(passed(&plan, &["/api/free", "/api/free"].map(request)), 2, "off stands before the less specific one");
}

#[test]
fn a_refusal_names_the_rate_and_the_time() {
    let plan = new("rates.api = { rate = 1, period = \"10s\" }");
    assert_eq!(plan.admit(&request("/"), at(0)), Ok(()));
    let limit = "api".parse().expect("a name");
    let retry_after = Duration::from_secs(6);
    assert_eq!(plan.admit(&request("/"), at(4_000_000_000)), Err(Refusal::RateLimited { limit, retry_after }));
}

#[test]
fn each_pattern_has_its_bucket_where_routes_are_the_key() {
    let plan = new("rates.api = { routes = [\"/a/*\", \"/b/*\"], key = \"route\", rate = 1 }");
    assert_eq!(passed(&plan, &["/a/1", "/b/1", "/a/2", "/b/2"].map(request)), 2);
}

#[test]
fn clients_are_told_apart_by_their_address_and_those_of_one_network_are_not() {
    let plan = new("rates.all = { key = \"client\", rate = 1 }");
    assert_eq!(passed(&plan, &["192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"].map(from)), 2);
    assert_eq!(passed(&plan, &[from("[::ffff:192.0.2.1]:3")]), 0, "the same, on a socket for both");
    assert_eq!(passed(&plan, &["[2001:db8::1]:1", "[2001:db8::ffff:1]:1", "[2001:db8:0:1::1]:1"].map(from)), 2);
    assert_eq!(passed(&plan, &[request("/"), request("/")]), 1, "nobody knows who");
}

#[test]
fn values_of_a_header_are_told_apart_and_to_leave_it_away_is_no_way_around() {
    let plan = new("rates.all = { key = \"header:x-api-key\", rate = 1 }");
    let with = |key: &str| Request::get("/").header("X-API-Key", key).body(()).expect("a request");
    assert_eq!(passed(&plan, &["a", "b", "a", "b"].map(with)), 2);
    assert_eq!(passed(&plan, &[request("/"), request("/")]), 1);
    assert_eq!(
        plan.keys(at(0)).into_iter().map(|(name, keys)| (name.as_str(), keys)).collect::<Vec<_>>(),
        [("all", 3)]
    );
}

#[test]
fn observing_takes_tokens_counts_and_lets_pass() {
    let counts = RateCounts::new();
    let observed = plan("mode = \"observe\"\nrates.all = { rate = 2 }", None, &counts, at(0));
    assert_eq!(passed(&observed, &["/", "/", "/"].map(request)), 3);
    assert_eq!((counts.snapshot().refused, counts.snapshot().would_refuse), (0, 1));
    let enforced = plan("rates.all = { rate = 2 }", Some(&observed), &counts, at(0));
    assert_eq!(passed(&enforced, &[request("/")]), 0, "what was spent is known from the first request on");
    assert_eq!((counts.snapshot().refused, counts.snapshot().would_refuse), (1, 1));
}

#[test]
fn every_header_that_can_be_configured_is_one_to_http() {
    let characters = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+.^_`|~-";
    assert!(http::HeaderName::from_bytes(characters.as_bytes()).is_ok());
}

proptest! {
    /// Feature: production-excellence, Property 22: through any edits of rate, burst, bound, mode and routes the
    /// tokens spent are spent, whoever they are counted by; without time, no more come back.
    #[test]
    fn edits_keep_what_was_spent(
        key in prop_oneof![Just("all"), Just("client"), Just("route"), Just("header:x")],
        edits in vec((1_u64..1000, 1_u64..60, 1_u64..40, 1_u64..100, any::<bool>()), 1..10),
    ) {
        let counts = RateCounts::new();
        let mut before: Option<RatePlan> = None;
        let mut spent = 0;
        for (rate, period, burst, max_keys, is_api) in edits {
            let more = if is_api { "" } else { "\"/api/**\", " };
            let text = format!(
                "rates.a = {{ routes = [{more}\"/\"], key = \"{key}\", rate = {rate}, period = \"{period}s\", burst = {burst}, max_keys = {max_keys} }}"
            );
            let plan = plan(&text, before.as_ref(), &counts, at(0));
            let more = passed(&plan, &vec![request("/"); 50]) as u64;
            prop_assert_eq!(more, burst.saturating_sub(spent));
            // A smaller bucket is empty, not below empty.
            spent = burst;
            before = Some(plan);
        }
    }
}
