use super::{Bounds, Ring};
use crate::telemetry::trace::recent::sample::{kept, remote, span, with};
use opentelemetry::trace::{SpanContext, TraceFlags, TraceId, TraceState};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc};

const SMALL: Bounds = Bounds { traces: 6, spans: 5, bytes: 200_000 };

fn push(ring: &mut Ring, bounds: &Bounds, span: opentelemetry_sdk::trace::SpanData) {
    let gone = ring.push(kept(span, bounds.span_bytes()), &Arc::from("shop"));
    drop(gone);
}

/// What is counted is what is there, and none of it is too much.
fn assert_bounded(ring: &Ring, bounds: &Bounds) -> Result<(), TestCaseError> {
    let all = ring.all();
    prop_assert!(all.len() <= bounds.traces);
    let mut bytes = [0, 0];
    for trace in &all {
        let of_spans: usize = trace.spans.iter().map(|kept| kept.bytes).sum();
        prop_assert!(!trace.spans.is_empty() && trace.spans.len() <= bounds.spans);
        prop_assert!(of_spans == trace.bytes && of_spans <= bounds.trace_bytes());
        bytes[usize::from(trace.is_own)] += of_spans;
    }
    prop_assert_eq!(bytes, [ring.callers.bytes, ring.own.bytes]);
    prop_assert!(bytes.iter().sum::<usize>() <= bounds.bytes);
    prop_assert_eq!(ring.callers.order.len() + ring.own.order.len(), all.len(), "no place is left behind");
    Ok(())
}

/// What a client or a program may send: few traces or many, spans of any size, roots or parts of others.
fn sent() -> impl Strategy<Value = Vec<(u128, u8, usize)>> {
    let trace = prop_oneof![3 => 1u128..4, 2 => 1u128..12, 1 => any::<u128>().prop_map(|id| id.max(1))];
    let size = prop_oneof![4 => 0usize..200, 2 => 0usize..6000, 1 => 0usize..40_000];
    prop::collection::vec((trace, 0u8..3, size), 1..120)
}

proptest! {
    #[test]
    fn whatever_is_sent_the_bounds_hold_the_newest_stays_and_a_trace_is_whole_or_says_what_it_lacks(sent in sent()) {
        let mut ring = Ring::new(SMALL);
        let mut joined: HashMap<TraceId, u64> = HashMap::new();
        for (id, (trace, place, size)) in (1u64..).zip(sent) {
            let ended = match place {
                0 => span(trace, id, 0, 0, 0),
                1 => span(trace, id, 9, 0, 0),
                _ => remote(trace, id, 9, 0, 0),
            };
            joined.retain(|id, _| ring.get(*id).is_some());
            push(&mut ring, &SMALL, with(ended, "text", "x".repeat(size)));
            let trace = TraceId::from(trace);
            *joined.entry(trace).or_default() += 1;
            assert_bounded(&ring, &SMALL)?;
            let kept = ring.get(trace).expect("what just ended is there");
            let last = kept.spans.back().expect("with its newest span");
            prop_assert_eq!(last.span.span_context.span_id(), id.into());
            for trace in ring.all() {
                prop_assert_eq!(trace.spans.len() as u64 + trace.cut, joined[&trace.id], "each is there or counted");
            }
        }
    }

    #[test]
    fn callers_do_not_push_out_more_than_half_of_what_was_begun_here(
        own in 1u128..20,
        flood in prop::collection::vec((1000u128..2000, 0usize..6000), 0..200),
    ) {
        let mut ring = Ring::new(SMALL);
        for trace in 1..=own {
            push(&mut ring, &SMALL, span(trace, 1, 0, 0, 0));
        }
        for (trace, size) in flood {
            push(&mut ring, &SMALL, with(remote(trace, 2, 9, 0, 0), "text", "x".repeat(size)));
        }
        let newest = (1..=own).rev().take(SMALL.traces / 2);
        for trace in newest {
            prop_assert!(ring.get(trace.into()).is_some(), "{}", trace);
        }
    }
}

#[test]
fn one_trace_for_ever_is_one_trace_and_the_others_stay() {
    let bounds = Bounds::DEFAULT;
    let mut ring = Ring::new(bounds);
    for trace in 2..=100 {
        push(&mut ring, &bounds, span(trace, 1, 0, 0, 0));
    }
    for id in 1..=10_000 {
        push(&mut ring, &bounds, remote(1, id, 9, 0, 0));
    }
    assert_eq!(ring.all().len(), 100);
    let endless = ring.get(1.into()).expect("kept");
    assert_eq!((endless.spans.len(), endless.cut), (bounds.spans, 10_000 - bounds.spans as u64));
    assert_eq!(endless.spans[0].span.span_context.span_id(), (10_001 - bounds.spans as u64).into(), "the newest");
}

#[test]
fn a_span_that_is_too_large_stays_without_what_makes_it_so() {
    let mut ring = Ring::new(SMALL);
    push(&mut ring, &SMALL, with(span(1, 1, 2, 0, 0), "small", "x".to_owned()));
    push(&mut ring, &SMALL, with(span(1, 2, 0, 0, 0), "huge", "x".repeat(1 << 20)));
    let trace = ring.get(1.into()).expect("kept");
    assert_eq!((trace.spans.len(), trace.cut), (2, 0));
    assert_eq!((trace.spans[1].span.attributes.len(), trace.spans[1].span.dropped_attributes_count), (0, 1));
}

#[test]
fn what_a_caller_hands_on_with_its_trace_counts_as_well() {
    let list: Vec<_> = (0..32).map(|member| (format!("k{member}"), "v".repeat(12))).collect();
    let state = TraceState::from_key_value(list).expect("a list");
    let mut span = remote(1, 1, 9, 0, 0);
    let plain = kept(span.clone(), 100_000).bytes;
    let (trace, id) = (span.span_context.trace_id(), span.span_context.span_id());
    span.span_context = SpanContext::new(trace, id, TraceFlags::SAMPLED, false, state);
    // Two texts each, with their pointers and what the allocator adds.
    assert!(kept(span, 100_000).bytes >= plain + 32 * 2 * (24 + 16));
}

#[test]
fn who_reads_a_trace_keeps_what_it_saw() {
    let mut ring = Ring::new(SMALL);
    push(&mut ring, &SMALL, span(1, 1, 2, 0, 0));
    let seen = ring.get(1.into()).expect("kept");
    push(&mut ring, &SMALL, span(1, 2, 0, 0, 0));
    assert_eq!((seen.spans.len(), ring.get(1.into()).expect("kept").spans.len()), (1, 2));
}
