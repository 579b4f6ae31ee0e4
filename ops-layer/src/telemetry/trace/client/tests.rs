//! Calls as a user makes them, and the spans that come of them at a collector.

use super::ClientLayer;
use crate::telemetry::{
    collector::{attribute, call, publish, Collector, Plan},
    trace::{current, Outgoing, TraceContext, TraceLayer},
    Telemetry,
};
use crate::{call::Call, refusal::Fault};
use bytes::Bytes;
use http::{header::HOST, HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, StreamBody};
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode as Verdict, Span};
use std::{
    collections::HashSet,
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service, ServiceExt};

const SAMPLED: &str = "00-12345678901234567890123456789012-1234567890123456-01";
const UNSAMPLED: &str = "00-12345678901234567890123456789012-1234567890123456-00";
const LONG: Duration = Duration::from_secs(10);

type Body = StreamBody<futures_util::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, &'static str>>>>;
type Answer = Result<Response<Body>, &'static str>;

/// An answer of so many bytes, broken off after them or not.
fn answer(status: u16, bytes: usize, is_broken: bool) -> Response<Body> {
    let mut frames = Vec::new();
    frames.extend((0..bytes).map(|_| Ok(Frame::data(Bytes::from_static(b"x")))));
    frames.extend(is_broken.then_some(Err("broken")));
    let mut response = Response::new(StreamBody::new(futures_util::stream::iter(frames)));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    *response.version_mut() = Version::HTTP_2;
    response
}

/// Runs work within a request that is sent through the layer.
async fn within<F: Future<Output = ()>>(telemetry: &Telemetry, section: &str, traceparent: &'static str, work: F) {
    let generation = publish(telemetry, section, None);
    let mut work = Some(work);
    let service = tower::service_fn(move |_: Call<Plan, ()>| {
        let work = work.take().expect("one request");
        async move {
            work.await;
            Result::<_, Fault<Infallible>>::Ok(Response::new(Empty::<Bytes>::new()))
        }
    });
    let request = Request::get("/").header("traceparent", traceparent).header("tracestate", "foo=1").body(());
    let done = TraceLayer::new().layer(service).oneshot(call(&generation, request.expect("a request"))).await;
    assert!(done.is_ok());
}

/// The spans of calls that were made within a recorded request, in the order in which they ended.
async fn spans<F: Future<Output = ()>>(work: impl FnOnce(ClientLayer) -> F) -> Vec<Span> {
    let mut collector = Collector::grpc().await;
    let telemetry = Telemetry::with_output(io::sink());
    let section = format!("otlp_endpoint = \"http://{}\"", collector.address);
    within(&telemetry, &section, SAMPLED, work(telemetry.client_layer())).await;
    telemetry.shutdown(LONG).await;
    let mut spans = collector.next().await.spans;
    let server = spans.iter().position(|span| span.kind == SpanKind::Server as i32).expect("the request's own");
    let server = spans.remove(server);
    for span in &spans {
        assert_eq!((&span.trace_id, &span.parent_span_id), (&server.trace_id, &server.span_id));
        assert_eq!(span.kind, SpanKind::Client as i32);
    }
    spans
}

fn get(span: &Span, key: &str) -> Option<String> {
    attribute(&span.attributes, key)
}

fn is_error(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code == Verdict::Error as i32)
}

fn has_each_once(span: &Span) -> bool {
    let keys: HashSet<_> = span.attributes.iter().map(|attribute| &attribute.key).collect();
    keys.len() == span.attributes.len()
}

fn request(method: &str, uri: &str) -> Request<()> {
    Request::builder().method(method).uri(uri).body(()).expect("a request")
}

#[tokio::test]
async fn a_call_is_described_by_the_conventions() {
    let spans = spans(|layer| async move {
        let ok = tower::service_fn(|_: Request<()>| async { Answer::Ok(answer(204, 0, false)) });
        let mut client = layer.layer(ok);
        let here = request("GET", "/x?y=1");
        let named = Request::get("/x").header(HOST, "shop:81").body(()).expect("a request");
        for request in
            [request("PUT", "https://me:pw@[::1]/a/b?sig=z&n=1"), request("BREW", "http://tea:1/"), named, here]
        {
            let response = client.ready().await.expect("ready").call(request).await.expect("an answer");
            response.into_body().collect().await.expect("a body");
        }
    })
    .await;
    let about = ["http.request.method", "http.request.method_original", "server.address", "server.port", "url.full"];
    let shown: Vec<_> = spans.iter().map(|span| (span.name.as_str(), about.map(|key| get(span, key)))).collect();
    let some = |text: &str| Some(text.to_owned());
    let url = "https://[::1]/a/b?sig=********&n=1";
    assert_eq!(shown[0], ("PUT", [some("PUT"), None, some("::1"), some("443"), some(url)]));
    assert_eq!(shown[1], ("HTTP", [some("_OTHER"), some("BREW"), some("tea"), some("1"), some("http://tea:1/")]));
    assert_eq!(shown[2], ("GET", [some("GET"), None, some("shop"), some("81"), some("http://shop:81/x")]));
    assert_eq!(shown[3], ("GET", [some("GET"), None, None, None, None]));
    for span in &spans {
        assert_eq!(get(span, "http.response.status_code"), some("204"));
        assert_eq!(get(span, "network.protocol.version"), some("2"));
        assert!(!is_error(span) && get(span, "error.type").is_none());
    }
}

#[tokio::test]
async fn what_went_wrong_is_the_error_type() {
    let spans = spans(|layer| async move {
        let send = |inner: fn() -> Pin<Box<dyn Future<Output = Answer> + Send>>| {
            layer.layer(tower::service_fn(move |_: Request<()>| inner())).oneshot(request("GET", "http://a/"))
        };
        for answered in [
            send(|| Box::pin(async { Ok(answer(404, 0, false)) })),
            send(|| Box::pin(async { Ok(answer(503, 0, false)) })),
        ] {
            drop(answered.await.expect("an answer").into_body().collect().await);
        }
        let broken = send(|| Box::pin(async { Ok(answer(200, 1, true)) })).await.expect("an answer");
        assert!(broken.into_body().collect().await.is_err());
        let both = send(|| Box::pin(async { Ok(answer(503, 1, true)) })).await.expect("an answer");
        assert!(both.into_body().collect().await.is_err());
        assert_eq!(send(|| Box::pin(async { Err("refused") })).await.err(), Some("refused"));
        let never = send(|| Box::pin(std::future::pending()));
        assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
        let unread = send(|| Box::pin(async { Ok(answer(200, 5, false)) })).await.expect("an answer");
        drop(unread);
    })
    .await;
    let kinds: Vec<_> = spans.iter().map(|span| (is_error(span), get(span, "error.type"))).collect();
    let wrong = |kind: &str| (true, Some(kind.to_owned()));
    let expected = ["404", "503", "body_error", "503", "_OTHER", "cancelled"].map(wrong);
    assert_eq!(kinds[..6], expected);
    assert_eq!(kinds[6..], [(false, None)]);
    assert!(spans.iter().all(has_each_once), "{spans:?}");
}

#[tokio::test]
async fn the_span_ends_with_the_body_and_the_client_runs_within_it() {
    let spans = spans(|layer| async move {
        let inside = |_: Request<()>| async {
            tokio::task::yield_now().await;
            let place = current().expect("a place").to_string();
            let mut response = answer(200, 1, false);
            response.headers_mut().insert("place", place.try_into().expect("a header"));
            Answer::Ok(response)
        };
        let outer = current().expect("a place");
        let response = layer.layer(tower::service_fn(inside)).oneshot(request("GET", "http://a/")).await;
        let response = response.expect("an answer");
        let place: TraceContext = response.headers()["place"].to_str().expect("text").parse().expect("a place");
        assert_ne!(place.span_id(), outer.span_id());
        assert_eq!(current(), Some(outer), "what comes after the call is not within it");
        drop(layer.layer(tower::service_fn(inside)).oneshot(request("HEAD", "http://b/")).await);
        response.into_body().collect().await.expect("a body");
    })
    .await;
    assert_eq!(
        spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(),
        ["HEAD", "GET"],
        "in order of their ends"
    );
}

#[tokio::test]
async fn a_call_by_hand_has_the_same_span() {
    let spans = spans(|_| async {
        let mut headers = HeaderMap::new();
        let mut outgoing = Outgoing::begin(&Method::GET, "http://u:p@stock/items?token=t", &mut headers);
        outgoing.answered(StatusCode::OK, Version::HTTP_11);
        drop(outgoing);
        Outgoing::begin(&Method::GET, "no address at all", &mut headers).failed("connect");
        drop(Outgoing::begin(&Method::GET, "http://stock/", &mut headers));
        let mut twice = Outgoing::begin(&Method::GET, &format!("http://stock/{}", "x".repeat(5000)), &mut headers);
        twice.failed("connect");
        twice.failed("timeout");
        twice.answered(StatusCode::BAD_GATEWAY, Version::HTTP_11);
        twice.answered(StatusCode::OK, Version::HTTP_2);
    })
    .await;
    assert_eq!(get(&spans[0], "url.full").as_deref(), Some("http://stock/items?token=********"));
    assert_eq!(get(&spans[0], "network.protocol.version").as_deref(), Some("1.1"));
    assert_eq!(
        [1, 2].map(|n| get(&spans[n], "error.type")),
        ["connect", "cancelled"].map(|kind| Some(kind.to_owned()))
    );
    let said = ["error.type", "http.response.status_code", "network.protocol.version"].map(|key| get(&spans[3], key));
    assert_eq!(said, ["connect", "502", "1.1"].map(|text| Some(text.to_owned())), "the first of each");
    assert!(has_each_once(&spans[3]), "{:?}", spans[3]);
    assert_eq!(get(&spans[3], "url.full").map(|url| url.len()), Some(1024), "cut to a length that is of use");
}

#[tokio::test]
async fn a_request_that_is_not_recorded_is_carried_on_without_a_span() {
    let (telemetry, collector) = (Telemetry::with_output(io::sink()), Collector::grpc().await);
    let layer = telemetry.client_layer();
    let section = format!("otlp_endpoint = \"http://{}\"\nsampling_rate = 1.0", collector.address);
    let work = async move {
        let echo = |request: Request<()>| async move {
            let headers = request.headers().clone();
            Result::<_, Infallible>::Ok(Response::from_parts(
                {
                    let mut parts = Response::new(()).into_parts().0;
                    parts.headers = headers;
                    parts
                },
                Empty::<Bytes>::new(),
            ))
        };
        let response = layer.layer(tower::service_fn(echo)).oneshot(request("GET", "http://a/")).await.expect("one");
        let sent = response.headers()["traceparent"].to_str().expect("text");
        assert!(sent.starts_with(&UNSAMPLED[..36]) && sent.ends_with("-00") && sent != UNSAMPLED, "{sent}");
        assert_eq!(response.headers()["tracestate"], "foo=1");
    };
    within(&telemetry, &section, UNSAMPLED, work).await;
    telemetry.shutdown(LONG).await;
    assert!(collector.is_empty());
}

#[tokio::test]
async fn a_call_outside_of_every_request_is_left_alone() {
    let layer = Telemetry::with_output(io::sink()).client_layer();
    let echo = |request: Request<()>| async move {
        assert!(request.headers().is_empty());
        Answer::Ok(answer(200, 0, false))
    };
    assert!(layer.layer(tower::service_fn(echo)).oneshot(request("GET", "http://a/")).await.is_ok());
    let mut headers = HeaderMap::new();
    drop(Outgoing::begin(&Method::GET, "http://a/", &mut headers));
    assert!(headers.is_empty());
}

/// Is ready when it is told to be.
#[derive(Clone)]
struct Gate(Arc<AtomicBool>);

impl Service<Request<()>> for Gate {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = std::future::Ready<Answer>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        if self.0.load(Relaxed) {
            Poll::Ready(Err("gone"))
        } else {
            Poll::Pending
        }
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        std::future::ready(Ok(answer(200, 0, false)))
    }
}

#[test]
fn readiness_is_the_client_s_own() {
    let is_open = Arc::new(AtomicBool::new(false));
    let mut client = Telemetry::with_output(io::sink()).client_layer().layer(Gate(Arc::clone(&is_open)));
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert_eq!(client.poll_ready(&mut cx), Poll::Pending);
    is_open.store(true, Relaxed);
    assert_eq!(client.poll_ready(&mut cx), Poll::Ready(Err("gone")));
}
