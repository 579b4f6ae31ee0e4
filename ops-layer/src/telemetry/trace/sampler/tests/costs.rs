//! What a request costs that is not recorded: nothing that is made.

use crate::{
    call::Call,
    refusal::Fault,
    telemetry::{
        collector::{call, publish, Plan},
        trace::{extract, inject, Outgoing, TraceLayer},
        Telemetry,
    },
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Empty;
use std::{convert::Infallible, future::Future as _, io};
use tower::{Layer, Service};

type Answer = Result<Response<Empty<Bytes>>, Fault<Infallible>>;

/// A request with the headers of a caller that does not record.
fn request(tracestate: &'static str) -> Request<()> {
    let mut request = Request::new(());
    let traceparent = HeaderValue::from_static("00-12345678901234567890123456789012-1234567890123456-00");
    request.headers_mut().insert("traceparent", traceparent);
    request.headers_mut().insert("tracestate", HeaderValue::from_static(tracestate));
    request
}

#[tokio::test]
async fn a_request_that_is_not_recorded_allocates_nothing() {
    let telemetry = Telemetry::with_output(io::sink());
    let generation = publish(&telemetry, "sampling_rate = 0.0", None);
    let answer = |_: Call<Plan, ()>| std::future::ready(Answer::Ok(Response::new(Empty::new())));
    let mut service = TraceLayer::new().layer(tower::service_fn(answer));
    let mut two = request("foo=1");
    two.headers_mut().append("tracestate", HeaderValue::from_static("bar=2"));
    // The first request of a thread makes what the thread counts into.
    let _ = service.call(call(&generation, Request::new(()))).await;
    // A list that has to be put together anew is one text, and the header that shares it.
    for (request, most) in [(Request::new(()), 0), (request("foo=1,bar=2"), 0), (request("foo=1, bar=2"), 2), (two, 2)]
    {
        let call = call(&generation, request);
        let made = allocation_counter::measure(|| {
            let mut future = std::pin::pin!(service.call(call));
            let waker = std::task::Waker::noop();
            let polled = future.as_mut().poll(&mut std::task::Context::from_waker(waker));
            assert!(polled.is_ready());
        });
        assert!(made.count_total <= most, "{made:?}");
    }
}

#[test]
fn a_call_that_is_not_recorded_allocates_its_header_alone() {
    let caller = extract(request("foo=1").headers()).expect("a place in a trace");
    let mut scope = crate::telemetry::trace::current::Scope { context: Some(caller.clone()), span: None };
    let mut headers = HeaderMap::with_capacity(8);
    // The first use of OpenTelemetry's context makes room for it, once for each thread.
    let _ = opentelemetry::Context::current();
    let header = allocation_counter::measure(|| inject(&caller, &mut headers));
    let made = allocation_counter::measure(|| {
        scope.run(|| {
            let mut outgoing = Outgoing::begin(&Method::GET, "http://other/", &mut headers);
            outgoing.answered(StatusCode::OK, Version::HTTP_11);
        });
    });
    assert_eq!((header.count_total, made.count_total), (1, 1), "the text of the traceparent");
}
