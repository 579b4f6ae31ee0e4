use super::{
    super::{counts::ROOM, exporter::tests::span},
    Exporter, Pipeline, SpanProcessor, QUEUE,
};
use crate::telemetry::collector::{config, Collector, Failing};
use opentelemetry::{
    trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState},
    KeyValue,
};
use opentelemetry_sdk::trace::SpanData;
use std::{net::SocketAddr, sync::Arc, time::Duration};

const LONG: Duration = Duration::from_secs(10);

fn to(address: SocketAddr, protocol: &str) -> Option<Arc<Exporter>> {
    let section = format!("otlp_endpoint = \"http://{address}\"\notlp_protocol = \"{protocol}\"");
    Exporter::prepare(&config(&section), "shop", None).expect("it can be made")
}

fn end(pipeline: &Pipeline, ids: impl IntoIterator<Item = u64>) {
    for id in ids {
        let id = SpanId::from(id);
        let context = SpanContext::new(TraceId::from(7), id, TraceFlags::SAMPLED, false, TraceState::NONE);
        pipeline.on_end(SpanData { span_context: context, ..span() });
    }
}

async fn received(collector: &mut Collector, count: usize) -> Vec<u64> {
    let spans = collector.spans(count).await;
    let ids = spans.iter().map(|span| u64::from_be_bytes(span.span_id.as_slice().try_into().expect("eight bytes")));
    ids.collect()
}

#[tokio::test]
async fn without_a_collector_nothing_is_kept_and_nothing_is_lost() {
    let pipeline = Pipeline::new();
    end(&pipeline, 1..=10);
    pipeline.flush(LONG).await;
    let counted = pipeline.snapshot();
    assert_eq!((counted.exported, counted.queued), (0, 0));
    assert!(counted.dropped.iter().all(|(_, spans)| *spans == 0), "{counted:?}");
}

#[tokio::test]
async fn what_does_not_fit_the_queue_is_dropped_the_newest_first() {
    let mut collector = Collector::grpc().await;
    let pipeline = Pipeline::new();
    pipeline.export_to(to(collector.address, "grpc"));
    let room = u64::try_from(QUEUE).expect("small");
    // The courier has not run yet: this test has one thread, and has not let go of it.
    end(&pipeline, 1..=room + 100);
    let counted = pipeline.snapshot();
    assert_eq!((counted.queued, counted.dropped[0]), (QUEUE, ("queue_full", 100)));
    let mut ids = received(&mut collector, QUEUE).await;
    ids.sort_unstable();
    assert_eq!(ids, (1..=room).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_span_of_an_outage_is_taken_once_by_the_collector_that_replaces_the_dead_one() {
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nobody = dead.local_addr().expect("an address");
    drop(dead);
    for (before, after) in [("grpc", "http/protobuf"), ("http/protobuf", "grpc")] {
        let mut collector = Collector::start(after, None).await;
        let pipeline = Pipeline::new();
        pipeline.export_to(to(nobody, before));
        end(&pipeline, 1..=700);
        // One batch is full and is tried in vain; the rest waits behind it.
        while pipeline.snapshot().queued > 188 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        collector.fail([Failing::Later]);
        pipeline.export_to(to(collector.address, after));
        let mut ids = received(&mut collector, 700).await;
        pipeline.flush(LONG).await;
        ids.sort_unstable();
        assert_eq!(ids, (1..=700).collect::<Vec<_>>(), "{before} to {after}");
        assert!(collector.is_empty(), "and none of them twice");
        assert_eq!(pipeline.snapshot().exported, 700);
    }
}

#[tokio::test]
async fn the_queue_is_full_when_its_spans_are_too_large_together() {
    const LARGE: usize = 1 << 20;
    let collector = Collector::grpc().await;
    let pipeline = Pipeline::new();
    pipeline.export_to(to(collector.address, "grpc"));
    // Twice: what was sent has given its room back.
    for before in [0, ROOM / LARGE - 1] {
        for _ in 0..ROOM / LARGE + 10 {
            let attributes = vec![KeyValue::new("body", "x".repeat(LARGE))];
            pipeline.on_end(SpanData { attributes, ..span() });
        }
        assert_eq!(pipeline.snapshot().queued, ROOM / LARGE - 1);
        pipeline.flush(LONG * 3).await;
        let counted = pipeline.snapshot();
        let all = u64::try_from(before + ROOM / LARGE - 1).expect("small");
        assert_eq!((counted.exported, counted.queued), (all, 0));
    }
    let dropped = pipeline.snapshot().dropped;
    assert_eq!(dropped.into_iter().filter(|(_, spans)| *spans > 0).collect::<Vec<_>>(), [("queue_full", 22)]);
}
