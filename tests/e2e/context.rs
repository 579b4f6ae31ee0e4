//! Trace headers as they come over the wire, with the names and the white space that HTTP allows, over both
//! protocols, in a service that records nothing and in one that records all.

use http::{HeaderMap, Method, Response};
use http_body_util::Empty;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use ops_tests::{
    client::Client,
    service::{Service, QUIET},
};
use std::{
    convert::Infallible,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};
use tokio::{net::TcpListener, sync::mpsc};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// What a caller's headers make of a request: its trace, whether it is recorded, and the state it passes on.
#[derive(Clone, Copy, Debug)]
enum Becomes {
    /// The caller's trace, with these flags and this state.
    Same(&'static str, Option<&'static str>),
    /// A new trace, without a state, recorded as this service's rate says.
    New,
}
use Becomes::{New, Same};

/// Header lines as they are sent, and what becomes of them.
const CASES: [(&[&str], Becomes); 24] = [
    (&[], New),
    (&["tracestate: foo=1"], New),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-01"], Same("01", None)),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-00"], Same("00", None)),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-02"], Same("02", None)),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-fe"], Same("02", None)),
    (&["TraceParent: 00-12345678901234567890123456789012-1234567890123456-03"], Same("03", None)),
    (
        &["TRACEPARENT: 00-12345678901234567890123456789012-1234567890123456-01", "TrAcEsTaTe: a=1"],
        Same("01", Some("a=1")),
    ),
    (&["traceparent:\t 00-12345678901234567890123456789012-1234567890123456-01 \t"], Same("01", None)),
    (&["traceparent: cc-12345678901234567890123456789012-1234567890123456-01-and-more"], Same("01", None)),
    (&["trace-parent: 00-12345678901234567890123456789012-1234567890123456-01"], New),
    (&["traceparent: ff-12345678901234567890123456789012-1234567890123456-01"], New),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-01-and-more", "tracestate: a=1"], New),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456"], New),
    (&["traceparent: 00-12345678901234567890123456789012-123456789012345G-01"], New),
    (&["traceparent:", "tracestate: a=1"], New),
    (&["traceparent: 00-12345678901234567890123456789012-1234567890123456-01", "traceparent: x"], New),
    (
        &[PARENT_LINE, "tracestate: foo=1 \t , \t bar= 2,, ,baz=3", "tracestate:"],
        Same("01", Some("foo=1,bar= 2,baz=3")),
    ),
    (&[PARENT_LINE, "tracestate: b=1", "tracestate: a=2,c=3"], Same("01", Some("b=1,a=2,c=3"))),
    (&[PARENT_LINE, "tracestate: 0a@vendor=1,9=2"], Same("01", Some("0a@vendor=1,9=2"))),
    (&[PARENT_LINE, "tracestate: foo=1", "tracestate: foo=1"], Same("01", None)),
    (&[PARENT_LINE, "tracestate: foo=1,Bar=2"], Same("01", None)),
    (&[PARENT_LINE, "trace-state: foo=1"], Same("01", None)),
    (&[PARENT_LINE, "tracestate: foo=\u{e9}"], Same("01", None)),
];

const PARENT_LINE: &str = "traceparent: 00-12345678901234567890123456789012-1234567890123456-01";

/// Notes the headers of all that it is sent.
async fn callee() -> (SocketAddr, mpsc::UnboundedReceiver<HeaderMap>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (sender, came) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let _ = sender.send(request.headers().clone());
                std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new())))
            });
            tokio::spawn(async move {
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, came)
}

/// Posts to `/test` with these header lines, byte by byte as they stand here.
fn post(server: SocketAddr, lines: &[&str], body: &str) -> String {
    let mut stream = TcpStream::connect(server).expect("the service");
    let length = body.len();
    let own =
        ["Host: demo", "Content-Type: application/json", "Connection: close", &format!("Content-Length: {length}")];
    let text = [&["POST /test HTTP/1.1"], &own[..], lines, &["", body]].concat().join("\r\n");
    stream.write_all(text.as_bytes()).expect("it is taken");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn judge(headers: &HeaderMap, becomes: Becomes, is_recorded: bool, case: &[&str]) {
    let all: Vec<_> = headers.get_all("traceparent").iter().map(|value| value.to_str().expect("text")).collect();
    let fields: Vec<_> = all[0].split('-').collect();
    assert_eq!((all.len(), fields.len(), fields[0]), (1, 4, "00"), "{case:?}");
    assert_ne!(fields[2], "1234567890123456", "{case:?}: each call is its own span");
    let state = headers.get("tracestate").map(|value| value.to_str().expect("text"));
    match becomes {
        Same(flags, passed) => assert_eq!((fields[1], fields[3], state), (TRACE, flags, passed), "{case:?}"),
        New => {
            assert_ne!(fields[1], TRACE, "{case:?}");
            assert_eq!((fields[3], state), (if is_recorded { "03" } else { "02" }, None), "{case:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trace_headers_are_taken_and_handed_on_as_the_specification_says() {
    let (address, mut came) = callee().await;
    let steps = format!("[{{\"url\": \"http://{address}/\", \"arguments\": []}}]");
    for (rate, is_recorded) in [("0.0", false), ("1.0", true)] {
        let service = Service::start(&format!("{QUIET}sampling_rate = {rate}\n")).await;
        for (lines, becomes) in CASES {
            let (server, steps) = (service.server, steps.clone());
            let answer = tokio::task::spawn_blocking(move || post(server, lines, &steps)).await.expect("no panic");
            assert!(answer.starts_with("HTTP/1.1 200"), "{lines:?}: {answer}");
            judge(&came.recv().await.expect("a call"), becomes, is_recorded, lines);
        }
        let json = [
            ("content-type", "application/json"),
            ("traceparent", PARENT),
            ("tracestate", "a=1"),
            ("tracestate", "b=2"),
        ];
        let answer = Client::http2().send(service.server, Method::POST, "/test", &json, &steps).await;
        assert_eq!(answer.expect("an answer").status, 200);
        judge(&came.recv().await.expect("a call"), Same("01", Some("a=1,b=2")), is_recorded, &["over HTTP/2"]);
    }
}
