//! Property 1: whatever a request does, and whoever asks, it is one trace.

use super::shapes::{echo, run, shapes, Shape, World};
use crate::{
    call::Call,
    refusal::Fault,
    telemetry::{
        collector::{call, publish, subscribe, Collector, Plan},
        output::Output,
        trace::{current, SpanId, TraceContext, TraceId, TraceLayer},
        Telemetry,
    },
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, Span};
use proptest::prelude::*;
use serde_json::Value;
use std::{
    convert::Infallible,
    sync::{atomic::Ordering::Relaxed, Arc, Mutex},
    time::Duration,
};
use tower::{Layer, ServiceExt};

/// What a caller sends, and the trace that it is part of by that.
fn caller() -> impl Strategy<Value = (Option<String>, Option<TraceContext>)> {
    let valid = (1u128.., 1u64.., 0u8..4).prop_map(|(trace, span, flags)| {
        let context = TraceContext::new(TraceId::from(trace), SpanId::from(span), flags);
        (Some(context.to_string()), Some(context))
    });
    let malformed = "[0-9a-f]{2}-[0-9a-f]{30}-[0-9a-f]{16}-[0-9a-f]{2}|00-0{32}-1{16}-01|[ -~]{0,60}";
    prop_oneof![3 => valid, 2 => malformed.prop_map(|text| (Some(text), None)), 1 => Just((None, None))]
}

/// What came of a request.
struct Seen {
    world: Arc<World>,
    lines: Vec<Value>,
    spans: Vec<Span>,
    request: TraceContext,
}

async fn ask(shapes: Vec<Shape>, traceparent: Option<&str>, rate: f64) -> Seen {
    let (output, mut collector) = (Output::default(), Collector::grpc().await);
    let telemetry = Telemetry::with_output(output.clone());
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("sampling_rate = {rate:?}\notlp_endpoint = \"http://{}\"", collector.address);
    let generation = publish(&telemetry, &section, None);
    let world = Arc::new(World::new(telemetry.client_layer().layer(tower::service_fn(echo))));
    let (given, place) = (Arc::clone(&world), Arc::new(Mutex::new(None)));
    let noted = Arc::clone(&place);
    let service = tower::service_fn(move |_: Call<Plan, ()>| {
        *noted.lock().expect("not poisoned") = current();
        let work = run(shapes.clone(), Arc::clone(&given), "GET".to_owned());
        async move {
            work.await;
            Result::<_, Fault<Infallible>>::Ok(Response::new(Empty::<Bytes>::new()))
        }
    });
    let mut request = Request::get("/").header("tracestate", "foo=1,bar=2");
    if let Some(text) = traceparent {
        request = request.header("traceparent", text);
    }
    let request = call(&generation, request.body(()).expect("a request"));
    assert!(TraceLayer::new().layer(service).oneshot(request).await.is_ok());
    assert_eq!(current(), None);

    telemetry.shutdown(Duration::from_secs(10)).await;
    let request = place.lock().expect("not poisoned").take().expect("within a request there is a trace");
    let spans = world.spans.lock().expect("not poisoned").len() + world.calls.lock().expect("not poisoned").len() + 1;
    let spans = if request.is_sampled() { collector.spans(spans).await } else { Vec::new() };
    assert!(collector.is_empty(), "and no more");
    Seen { world, lines: output.lines(), spans, request }
}

impl Seen {
    fn id_of(&self, name: &str) -> SpanId {
        if !self.request.is_sampled() {
            return self.request.span_id();
        }
        let is = |span: &&Span| span.name == name && span.kind != SpanKind::Client as i32;
        id(&self.spans.iter().find(is).unwrap_or_else(|| panic!("{name} among {:?}", self.spans)).span_id)
    }

    fn lines_are_of_the_trace(&self) {
        assert_eq!(self.lines.len(), self.world.lines.load(Relaxed));
        for line in &self.lines {
            assert_eq!(line["trace_id"], self.request.trace_id().to_string(), "{line}");
            let within = self.id_of(line["fields"]["within"].as_str().expect("a name"));
            assert_eq!(line["span_id"], within.to_string(), "{line}");
        }
    }

    fn calls_carry_the_trace_on(&self, remote: Option<&TraceContext>) {
        let calls = self.world.calls.lock().expect("not poisoned");
        for (headers, within) in &*calls {
            let sent: TraceContext = text(headers, "traceparent").expect("a header").parse().expect("a traceparent");
            assert_eq!((sent.trace_id(), sent.flags()), (self.request.trace_id(), self.request.flags()));
            assert_eq!(text(headers, "tracestate"), remote.map(|_| "foo=1,bar=2"));
            let is_one =
                |span: &Span| id(&span.span_id) == sent.span_id() && id(&span.parent_span_id) == self.id_of(within);
            assert!(!self.request.is_sampled() || self.spans.iter().any(is_one), "{sent} within {within}");
        }
        let mut ids: Vec<_> = calls.iter().map(|(headers, _)| text(headers, "traceparent")).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), calls.len(), "each call has an id of its own");
    }

    fn spans_are_one_tree(&self, remote: Option<&TraceContext>) {
        for span in &self.spans {
            assert_eq!(span.trace_id, self.request.trace_id().to_bytes());
            let above = remote.map(|remote| remote.span_id().to_bytes().to_vec()).unwrap_or_default();
            assert!(span.kind != SpanKind::Server as i32 || span.parent_span_id == above);
        }
        for (name, within) in self.world.spans.lock().expect("not poisoned").iter().filter(|_| !self.spans.is_empty()) {
            let span = self.spans.iter().find(|span| span.name == *name).expect("a span of this name");
            assert_eq!(id(&span.parent_span_id), self.id_of(within), "{name} within {within}");
        }
    }
}

fn id(bytes: &[u8]) -> SpanId {
    SpanId::from_bytes(bytes.try_into().expect("eight bytes"))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().expect("text"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Feature: production-excellence, Property 1: every line, span and call of a request is of its trace, sampled or
    /// not, whatever its caller sent and however its work is spread over tasks and threads.
    #[test]
    fn whatever_a_request_does_is_of_its_trace(
        shapes in shapes(),
        (traceparent, remote) in caller(),
        rate in prop_oneof![Just(0.0), Just(1.0)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let seen = runtime.block_on(ask(shapes, traceparent.as_deref(), rate));
        let begun = TraceContext::RANDOM | u8::from(rate > 0.5);
        prop_assert_eq!(seen.request.flags(), remote.as_ref().map_or(begun, TraceContext::flags));
        prop_assert!(remote.as_ref().is_none_or(|remote| remote.trace_id() == seen.request.trace_id()));
        seen.lines_are_of_the_trace();
        seen.calls_carry_the_trace_on(remote.as_ref());
        seen.spans_are_one_tree(remote.as_ref());
    }
}
