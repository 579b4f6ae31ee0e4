use super::Trace;
use crate::telemetry::trace::recent::{
    bounds::Bounds,
    filter::TraceFilter,
    ring::Ring,
    sample::{kept, remote, span, with},
    span_data::SpanStatus,
    RecentTraces,
};
use opentelemetry::trace::{Event, SpanId, Status};
use opentelemetry_sdk::trace::SpanData as Ended;
use proptest::prelude::*;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

fn trace(spans: Vec<Ended>) -> Trace {
    let mut ring = Ring::new(Bounds::DEFAULT);
    for span in spans {
        drop(ring.push(kept(span, usize::MAX), &Arc::from("shop")));
    }
    Trace::new(&ring.all()[0])
}

fn ids(trace: &Trace) -> Vec<u64> {
    trace.spans.iter().map(|span| u64::from_be_bytes(span.span_id.to_bytes())).collect()
}

#[test]
fn spans_stand_in_the_order_of_the_tree_and_say_together_what_the_trace_is() {
    // As they end: 4 and 3 within 2, 5, then 1 around all. Then the same trace comes through once more.
    let failed = Ended { status: Status::error("no stock"), ..span(7, 4, 2, 30, 10) };
    let spans = vec![failed, span(7, 3, 2, 12, 3), span(7, 2, 1, 11, 30), span(7, 5, 1, 5, 1), span(7, 1, 0, 1, 50)];
    let whole = trace(spans.clone());
    assert_eq!(ids(&whole), [1, 5, 2, 3, 4]);
    assert!(whole.summary.complete);
    assert_eq!((whole.summary.status, whole.summary.span_count), (SpanStatus::Error, 5));
    assert_eq!(whole.summary.duration, Duration::from_millis(50));
    assert_eq!(whole.summary.start_time, SystemTime::UNIX_EPOCH + Duration::from_millis(1));
    assert_eq!(whole.summary.root_operation, "span 0000000000000001");

    let twice = trace([spans.clone(), vec![remote(7, 9, 3, 13, 1)]].concat());
    assert_eq!(ids(&twice), [1, 5, 2, 3, 9, 4], "under the call it came by");
    let under_way = trace(spans[..3].to_vec());
    assert!(!under_way.summary.complete, "its parent has not ended");
    let of_a_caller = trace(vec![remote(7, 1, 99, 1, 1)]);
    assert!(of_a_caller.summary.complete, "its parent is elsewhere");
}

#[test]
fn as_json_it_is_what_the_interface_says() {
    let mut ended = with(remote(7, 1, 99, 1_500, 2), "http.route", "/items/{id}".to_owned());
    let at = SystemTime::UNIX_EPOCH + Duration::from_micros(1_500_250);
    ended.events.events.push(Event::new("slow", at, Vec::new(), 0));
    let whole = trace(vec![ended]);
    let expected = json!({
        "trace_id": "00000000000000000000000000000007",
        "root_operation": "span 0000000000000001",
        "service": "shop",
        "start_time": "1970-01-01T00:00:01.500000Z",
        "duration_ms": 2.0,
        "status": "unset",
        "span_count": 1,
        "dropped_spans": 0,
        "complete": true,
        "spans": [{
            "trace_id": "00000000000000000000000000000007",
            "span_id": "0000000000000001",
            "parent_span_id": "0000000000000063",
            "parent_is_remote": true,
            "operation_name": "span 0000000000000001",
            "kind": "server",
            "start_time": "1970-01-01T00:00:01.500000Z",
            "duration_ms": 2.0,
            "status": "unset",
            "attributes": { "http.route": "/items/{id}" },
            "events": [{ "name": "slow", "time": "1970-01-01T00:00:01.500250Z", "attributes": {} }],
            "dropped_attributes": 0,
            "dropped_events": 0,
        }],
    });
    assert_eq!(serde_json::to_value(whole).expect("JSON"), expected);
}

#[test]
fn the_newest_come_first_and_only_those_that_fit() {
    let traces = RecentTraces::new("shop");
    traces.keep(with(span(1, 1, 0, 100, 5), "http.route", "/a".to_owned()));
    traces.keep(Ended { status: Status::error(""), ..span(2, 1, 0, 300, 50) });
    traces.keep(with(span(3, 1, 0, 200, 500), "http.route", "/b".to_owned()));
    let listed = |filter: TraceFilter| {
        let id = |bytes: [u8; 16]| u128::from_be_bytes(bytes);
        traces.list(&filter).iter().map(|trace| id(trace.trace_id.to_bytes())).collect::<Vec<_>>()
    };
    let all = TraceFilter::default;
    assert_eq!(listed(all()), [2, 3, 1]);
    assert_eq!(listed(TraceFilter { limit: 2, ..all() }), [2, 3]);
    assert_eq!(listed(TraceFilter { min_duration: Duration::from_millis(50), ..all() }), [2, 3]);
    assert_eq!(listed(TraceFilter { status: Some(SpanStatus::Error), ..all() }), [2]);
    assert_eq!(listed(TraceFilter { route: Some("/a".to_owned()), ..all() }), [1]);
    assert!(traces.get(4.into()).is_none());
}

proptest! {
    /// Ids may be made up: circles, doubles, spans of their own.
    #[test]
    fn every_span_is_shown_once_and_after_its_parent_unless_they_form_a_circle(
        parents in prop::collection::vec((1u64..12, 0u64..14, 0u64..50), 1..40),
    ) {
        let spans: Vec<_> = parents.iter().map(|(id, parent, begin)| span(7, *id, *parent, *begin, 1)).collect();
        let shown = trace(spans);
        let mut of_shown = ids(&shown);
        let mut all: Vec<_> = parents.iter().map(|(id, ..)| *id).collect();
        of_shown.sort_unstable();
        all.sort_unstable();
        prop_assert_eq!(of_shown, all);
    }

    #[test]
    fn a_tree_is_shown_from_its_root_down(parents in prop::collection::vec((any::<prop::sample::Index>(), 0u64..50), 1..60)) {
        let mut spans = vec![span(7, 1, 0, 0, 100)];
        for (id, (parent, begin)) in (2u64..).zip(&parents) {
            let parent = parent.index(spans.len()) as u64 + 1;
            spans.push(span(7, id, parent, *begin, 1));
        }
        spans.reverse();
        let shown = trace(spans);
        prop_assert!(shown.summary.complete);
        let mut seen: Vec<Option<SpanId>> = vec![None];
        for span in &shown.spans {
            prop_assert!(seen.contains(&span.parent_span_id));
            seen.push(Some(span.span_id));
        }
    }
}
