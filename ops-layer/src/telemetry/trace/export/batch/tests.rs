use super::{encode, Counts, ExportTraceServiceRequest, Message, Resource, BYTES};
use crate::telemetry::trace::export::exporter::tests::span;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::SpanData;
use std::sync::Arc;

fn decoded(spans: Vec<SpanData>) -> Vec<(u64, usize, ExportTraceServiceRequest)> {
    let counts = Arc::<Counts>::default();
    let batches = encode(spans, &Resource::default(), &counts);
    assert_eq!(counts.lost(), 0);
    let read = |body: &[u8]| ExportTraceServiceRequest::decode(body).expect("what was encoded");
    batches.iter().map(|batch| (batch.held.spans(), batch.body.len(), read(&batch.body))).collect()
}

#[test]
fn spans_of_one_scope_stand_together_in_their_order() {
    let scopes = ["a", "b", "a"].map(|name| InstrumentationScope::builder(name).with_version("1").build());
    let spans = scopes.into_iter().zip(["1", "2", "3"]);
    let spans = spans.map(|(scope, name)| SpanData { instrumentation_scope: scope, name: name.into(), ..span() });
    let batches = decoded(spans.collect());
    let [(3, _, request)] = batches.as_slice() else { panic!("one batch: {batches:?}") };
    let groups: Vec<(_, Vec<_>)> = request.resource_spans[0]
        .scope_spans
        .iter()
        .map(|group| (group.scope.clone().expect("a scope").name, group.spans.iter().map(|s| s.name.clone()).collect()))
        .collect();
    assert_eq!(
        groups,
        [("a".to_owned(), vec!["1".to_owned(), "3".to_owned()]), ("b".to_owned(), vec!["2".to_owned()])]
    );
}

#[test]
fn large_spans_come_in_several_batches_and_one_that_is_too_large_alone() {
    let sized = |size: usize| SpanData { attributes: vec![KeyValue::new("text", "x".repeat(size))], ..span() };
    let third = BYTES / 3;
    let batches = decoded([third, third, third, BYTES * 2, 1, third].map(sized).into());
    let spans: Vec<_> = batches.iter().map(|(spans, _, _)| *spans).collect();
    assert_eq!(spans, [2, 1, 1, 2]);
    assert!(batches.iter().all(|(spans, bytes, _)| *spans == 1 || *bytes < 4 << 20));
    assert!(decoded(Vec::new()).is_empty());
}
