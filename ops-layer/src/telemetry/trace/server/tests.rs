//! What a collector receives of requests of all kinds.

use crate::{
    call::{Call, PeerAddr},
    refusal::{Fault, Refusal},
    telemetry::{
        collector::{attribute, call, publish, subscribe, Collector, Plan},
        metric::Route,
        trace::TraceLayer,
        Telemetry,
    },
};
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{request::Builder, Method, Request, Response, Version};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode, Span};
use std::{convert::Infallible, net::SocketAddr, pin::Pin, time::Duration};
use tower::{Layer, ServiceExt};

type Parts = Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, &'static str>> + Send>>;

/// Answers as the path says.
async fn handle(call: Call<Plan, ()>) -> Result<Response<StreamBody<Parts>>, Fault<Infallible>> {
    let part = || Ok(Frame::data(Bytes::from_static(b"ten bytes.")));
    let stream = |parts: Vec<_>| -> Parts { Box::pin(futures_util::stream::iter(parts)) };
    let mut response = Response::new(StreamBody::new(stream(vec![part(), part()])));
    match call.path() {
        "/pending" => std::future::pending().await,
        "/broken" => *response.body_mut() = StreamBody::new(stream(vec![part(), Err("broken")])),
        "/panic" => panic!("on purpose"),
        "/trailers" => {
            let trailers = Ok(Frame::trailers(http::HeaderMap::new()));
            *response.body_mut() = StreamBody::new(stream(vec![part(), trailers]));
        }
        "/whole" => drop(response.headers_mut().insert("content-length", 20.into())),
        "/refused" => {
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            response.extensions_mut().insert(Refusal::Overloaded);
        }
        "/dropped" => {
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            response.extensions_mut().insert(Refusal::Dropped);
            *response.body_mut() = StreamBody::new(stream(vec![Err("cut")]));
        }
        path => {
            let status = path.strip_prefix("/status/").and_then(|status| status.parse().ok()).unwrap_or(200);
            *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        }
    }
    if call.request.headers().contains_key("late-route") {
        response.extensions_mut().insert(Route::new("/late/{id}"));
    }
    Ok(response)
}

/// How far the client reads.
#[derive(Clone, Copy, PartialEq)]
enum Read {
    Nothing,
    Parts(usize),
    All,
}

/// Sends one request and says what a collector received.
async fn span_of(request: Request<()>, read: Read) -> Span {
    let mut collector = Collector::grpc().await;
    let telemetry = Telemetry::with_output(std::io::sink());
    let _subscriber = subscribe(telemetry.layer());
    let section = format!("sampling_rate = 1.0\notlp_endpoint = \"http://{}\"", collector.address);
    let generation = publish(&telemetry, &section, None);
    let answer = TraceLayer::new().layer(tower::service_fn(handle)).oneshot(call(&generation, request));
    let task = tokio::spawn(async move {
        if read == Read::Nothing {
            assert!(tokio::time::timeout(Duration::from_millis(1), answer).await.is_err());
            return;
        }
        let Ok(response) = answer.await else { return };
        let mut body = response.into_body();
        let mut left = if let Read::Parts(parts) = read { parts } else { usize::MAX };
        while left > 0 && body.frame().await.is_some_and(|part| part.is_ok()) {
            left -= 1;
        }
    });
    let _ = task.await;
    telemetry.shutdown(Duration::from_secs(10)).await;
    collector.spans(1).await.remove(0)
}

fn get(path: &str) -> Builder {
    Request::get(path)
}

fn sent(builder: Builder) -> Request<()> {
    builder.body(()).expect("a request")
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// Attributes that are there, and those with nothing that are not.
fn assert_says(span: &Span, expected: &[(&str, &str)]) {
    for (key, value) in expected {
        let said = attribute(&span.attributes, key);
        assert_eq!(said.as_deref(), Some(*value).filter(|value| !value.is_empty()), "{key} of {span:?}");
    }
    let mut keys: Vec<_> = span.attributes.iter().map(|attribute| &attribute.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), span.attributes.len(), "each only once: {span:?}");
    assert_eq!(span.kind, SpanKind::Server as i32);
}

#[tokio::test]
async fn a_request_is_described_as_the_conventions_have_it() {
    let plain = get("/items/7?page=2&token=abc&q=x")
        .header("host", "shop.example")
        .header("user-agent", "tester/1")
        .extension(Route::new("/items/{id}"))
        .extension(PeerAddr(address("192.0.2.7:4000")));
    let span = span_of(sent(plain), Read::All).await;
    assert_eq!(span.name, "GET /items/{id}");
    let expected = [
        ("http.request.method", "GET"),
        ("http.request.method_original", ""),
        ("http.route", "/items/{id}"),
        ("http.response.status_code", "200"),
        ("url.path", "/items/7"),
        ("url.query", "page=2&token=********&q=x"),
        ("url.scheme", "http"),
        ("server.address", "shop.example"),
        ("server.port", "80"),
        ("client.address", "192.0.2.7"),
        ("client.port", "4000"),
        ("network.peer.address", "192.0.2.7"),
        ("network.peer.port", "4000"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "tester/1"),
        ("error.type", ""),
    ];
    assert_says(&span, &expected);
    assert_eq!(span.attributes.len(), expected.iter().filter(|(_, value)| !value.is_empty()).count(), "{span:?}");
    assert_eq!(span.status.unwrap_or_default().code, StatusCode::Unset as i32);

    let bare = span_of(sent(get("/")), Read::All).await;
    assert_eq!(bare.name, "GET");
    let unknown = ["http.route", "url.query", "server.address", "server.port", "client.address", "client.port"];
    assert_says(&bare, &unknown.map(|key| (key, "")));
    assert_says(&bare, &[("network.peer.address", ""), ("network.peer.port", ""), ("user_agent.original", "")]);

    let late = span_of(sent(get("/items/7").header("late-route", "1")), Read::All).await;
    assert_eq!(late.name, "GET /late/{id}");
    assert_says(&late, &[("http.route", "/late/{id}")]);
}

#[tokio::test]
async fn proxies_are_believed_and_the_connection_is_told_beside_them() {
    let peer = ConnectInfo(address("[::ffff:10.0.0.9]:5000"));
    let forwarded = get("http://inner:8080/")
        .version(Version::HTTP_2)
        .header("forwarded", "for=\"[2001:db8::1]:77\";proto=https;host=shop.example, for=10.1.1.1")
        .header("x-forwarded-for", "8.8.8.8")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-host", "other.example")
        .extension(peer);
    let expected = [
        ("url.scheme", "https"),
        ("server.address", "shop.example"),
        ("server.port", "443"),
        ("client.address", "2001:db8::1"),
        ("client.port", "77"),
        ("network.peer.address", "10.0.0.9"),
        ("network.peer.port", "5000"),
        ("network.protocol.version", "2"),
    ];
    assert_says(&span_of(sent(forwarded), Read::All).await, &expected);

    let elder = get("/")
        .version(Version::HTTP_10)
        .header("x-forwarded-for", "unknown, 203.0.113.5, 10.0.0.1")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "shop.example:8443")
        .header("host", "inner")
        .extension(peer);
    let expected = [
        ("url.scheme", "https"),
        ("server.address", "shop.example"),
        ("server.port", "8443"),
        ("client.address", "203.0.113.5"),
        ("client.port", ""),
        ("network.peer.address", "10.0.0.9"),
        ("network.protocol.version", "1.0"),
    ];
    assert_says(&span_of(sent(elder), Read::All).await, &expected);

    let authority = get("http://of.authority:81/").version(Version::HTTP_2).header("host", "of.host");
    let expected = [("server.address", "of.authority"), ("server.port", "81"), ("url.scheme", "http")];
    assert_says(&span_of(sent(authority), Read::All).await, &expected);
}

#[tokio::test]
async fn what_clients_make_up_is_bounded_and_taken_as_text() {
    let method = Method::from_bytes(b"BREW").expect("a method");
    let long = format!("/{}", "é".repeat(3000));
    let hostile = Request::builder()
        .method(method)
        .uri(long.as_str())
        .header("user-agent", http::HeaderValue::from_bytes(b"caf\xe9\xff").expect("a value"))
        .header("host", "a host/of none")
        .header("x-forwarded-proto", "javascript")
        .header("x-forwarded-for", "drop table");
    let span = span_of(sent(hostile), Read::All).await;
    assert_eq!(span.name, "HTTP");
    let expected = [
        ("http.request.method", "_OTHER"),
        ("http.request.method_original", "BREW"),
        ("user_agent.original", "caf\u{fffd}\u{fffd}"),
        ("server.address", ""),
        ("client.address", ""),
        ("url.scheme", "http"),
    ];
    assert_says(&span, &expected);
    assert_eq!(attribute(&span.attributes, "url.path").expect("a path").len(), 1023, "cut between two letters");
}

#[tokio::test]
async fn the_status_says_whose_fault_it_was() {
    for (path, read, status, error) in [
        ("/status/200", Read::All, "200", ""),
        ("/status/302", Read::All, "302", ""),
        ("/status/404", Read::All, "404", ""),
        ("/status/500", Read::All, "500", "500"),
        ("/status/599", Read::All, "599", "599"),
        ("/refused", Read::All, "503", "overloaded"),
        ("/dropped", Read::All, "", "chaos"),
        ("/broken", Read::All, "200", "body_error"),
        ("/status/200", Read::Parts(1), "200", "cancelled"),
        ("/status/500", Read::Parts(1), "500", "500"),
        // The length was promised and kept: who serves does not ask for the end.
        ("/whole", Read::Parts(2), "200", ""),
        ("/whole", Read::Parts(1), "200", "cancelled"),
        // Nor after trailers, which a body of a stream does not know to be the end.
        ("/trailers", Read::Parts(2), "200", ""),
        ("/trailers", Read::Parts(1), "200", "cancelled"),
        ("/status/204", Read::Parts(0), "204", ""),
        ("/pending", Read::Nothing, "", "cancelled"),
        ("/panic", Read::All, "", "panic"),
    ] {
        let span = span_of(sent(get(path)), read).await;
        assert_says(&span, &[("http.response.status_code", status), ("error.type", error)]);
        let code = if error.is_empty() { StatusCode::Unset } else { StatusCode::Error };
        assert_eq!(span.status.unwrap_or_default().code, code as i32, "{path}");
    }
    for bare in [Request::head("/status/200"), Request::connect("shop.example:443")] {
        assert_says(&span_of(sent(bare), Read::Parts(0)).await, &[("error.type", "")]);
    }
}
