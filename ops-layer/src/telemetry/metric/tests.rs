//! Which request a bucket shows for an example.

use super::{
    exemplar::{Seen, Sighting, Slot},
    http::HttpCounts,
    recording::Recording,
    Durations, Exposition, Families, Method,
};
use crate::{
    clock::Moment,
    telemetry::{
        collector::{call, publish},
        metric::MetricsLayer,
        trace::TraceLayer,
        Telemetry,
    },
};
use http::{Request, Response};
use http_body_util::Empty;
use ops_config::value::Positive;
use proptest::prelude::*;
use std::{convert::Infallible, sync::Arc};
use tower::{Layer, ServiceExt};

const TEN_MINUTES: u64 = 600_000_000_000;

fn seen(trace: u128, is_recorded: bool, at: u64) -> Seen {
    Seen { sighting: Sighting { trace, span: 7, is_recorded }, nanos: 1, at }
}

fn held(slot: &Slot) -> Option<u128> {
    slot.read().map(|seen| seen.sighting.trace)
}

#[test]
fn a_recorded_trace_takes_the_place_and_another_only_an_empty_or_an_old_one() {
    let slot = Slot::default();
    assert_eq!(held(&slot), None);
    for (trace, is_recorded, at, kept) in [
        (1, false, 10, 1),
        (2, false, 11, 1),
        (3, true, 12, 3),
        (4, false, 13, 3),
        (5, true, 14, 5),
        (6, false, 14 + TEN_MINUTES - 1, 5),
        (7, false, 14 + TEN_MINUTES, 7),
        (8, false, 14 + TEN_MINUTES + 1, 7),
    ] {
        slot.offer(seen(trace, is_recorded, at));
        assert_eq!(held(&slot), Some(kept), "after {trace}");
    }
    let all = seen(u128::MAX - 5, true, u64::MAX);
    slot.offer(all);
    assert_eq!(slot.read(), Some(all), "nothing of it is lost");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn of_two_threads_the_one_shown_does_not_depend_on_which_is_asked_first(
        (one, other) in ((any::<bool>(), 0..3 * TEN_MINUTES), (any::<bool>(), 0..3 * TEN_MINUTES)),
    ) {
        prop_assume!(one.1 != other.1);
        let (one, other) = (seen(1, one.0, one.1), seen(2, other.0, other.1));
        let better = one.better(other);
        prop_assert_eq!(better, other.better(one));
        let fresh_trace_lost = [one, other].iter().any(|seen| seen.sighting.is_recorded)
            && !better.sighting.is_recorded
            && one.at.abs_diff(other.at) < TEN_MINUTES;
        prop_assert!(!fresh_trace_lost);
    }
}

#[test]
fn a_request_without_a_trace_leaves_no_exemplar() {
    let http = HttpCounts::new();
    let bounds = [Positive::try_from(1.0).expect("positive")];
    http.put_in_force(&Arc::new(Durations::try_new(&bounds).expect("rising")));
    drop(Recording::new(&http, Some("/"), Method::Get, Moment::now()));
    let mut families = Families::new();
    http.describe(&mut families);
    let page = families.page(Exposition::OpenMetrics);
    assert!(page.contains("_count{") && !page.contains("} 1 #"), "{page}");
}

/// Feature: production-excellence, Property 1: the trace id is in the exemplar of its request, sampled or not.
#[tokio::test]
async fn the_exemplar_of_a_bucket_is_the_trace_of_a_request_in_it() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let generation = publish(&telemetry, "latency_buckets = [5000.0]", None);
    let stack = TraceLayer::new().layer(MetricsLayer::new().layer(tower::service_fn(|_| async {
        Ok::<_, crate::refusal::Fault<Infallible>>(Response::new(Empty::<bytes::Bytes>::new()))
    })));
    for (trace, sampled, shown) in
        [("1", "00", "1"), ("2", "00", "1"), ("3", "01", "3"), ("4", "00", "3"), ("5", "01", "5")]
    {
        let parent = format!("00-{}-1234567890123456-{sampled}", trace.repeat(32));
        let request = Request::get("/").header("traceparent", parent).body(()).expect("a request");
        drop(stack.clone().oneshot(call(&generation, request)).await);
        let page = telemetry.families().page(Exposition::OpenMetrics);
        let exemplars: Vec<_> = page.lines().filter_map(|line| line.split_once(" # ")).collect();
        let [(sample, exemplar)] = exemplars[..] else { panic!("one exemplar: {page}") };
        assert!(sample.contains("le=\"5000.0\""), "{sample}");
        assert!(exemplar.starts_with(&format!("{{trace_id=\"{}\",span_id=\"", shown.repeat(32))), "{exemplar}");
    }
}

#[tokio::test]
async fn a_service_that_gives_an_error_has_failed() {
    let telemetry = Telemetry::with_output(std::io::sink());
    let generation = publish(&telemetry, "", None);
    let stack = MetricsLayer::new().layer(tower::service_fn(|_| async {
        Err::<Response<Empty<bytes::Bytes>>, _>(crate::refusal::Fault::Inner("no answer"))
    }));
    let request = Request::get("/").body(()).expect("a request");
    assert!(stack.oneshot(call(&generation, request)).await.is_err());
    assert_eq!(telemetry.answered_requests(), (1, 1));
}
