//! `POST /test` as a conformance suite drives it: what it was told, and what it passed on.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use ops_tests::service::{Service, QUIET};
use serde_json::{json, Value};
use std::{convert::Infallible, net::SocketAddr};
use tokio::{net::TcpListener, sync::mpsc};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// The suite's side: what came to it, the headers and the body.
struct Suite {
    address: SocketAddr,
    came: mpsc::UnboundedReceiver<(HeaderMap, Value)>,
}

impl Suite {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (sender, came) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                let service = service_fn(move |request| take(request, sender.clone()));
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, came }
    }

    /// What the service calls with, when it is called with these headers.
    async fn calls(&mut self, service: &Service, headers: &[(&str, &str)], calls: usize) -> Vec<HeaderMap> {
        let step = |number| json!({ "url": format!("http://{}/{number}", self.address), "arguments": [number, []] });
        let steps = (0..calls).map(step).collect::<Value>().to_string();
        let headers = [&[("content-type", "application/json")], headers].concat();
        let answer = service.client().send(service.server, Method::POST, "/test", &headers, &steps).await;
        assert_eq!(answer.expect("an answer").status, 200);
        let mut came = Vec::new();
        for number in 0..calls {
            let (headers, arguments) = self.came.try_recv().expect("it was called before the answer");
            assert_eq!(arguments, json!([number, []]));
            came.push(headers);
        }
        came
    }
}

async fn take(
    request: Request<Incoming>,
    sender: mpsc::UnboundedSender<(HeaderMap, Value)>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    let _ = sender.send((head.headers, serde_json::from_slice(&body).expect("JSON")));
    Ok(Response::new(Full::default()))
}

/// The parts of the one `traceparent`.
fn parent(headers: &HeaderMap) -> [String; 4] {
    let all: Vec<_> = headers.get_all("traceparent").iter().collect();
    assert_eq!(all.len(), 1, "{headers:?}");
    let parts: Vec<_> = all[0].to_str().expect("text").split('-').map(str::to_owned).collect();
    let parts: [String; 4] = parts.try_into().expect("four parts");
    let is_hex = |part: &String| part.chars().all(|digit| digit.is_ascii_digit() || ('a'..='f').contains(&digit));
    assert!(parts.iter().all(is_hex) && parts.each_ref().map(String::len) == [2, 32, 16, 2], "{parts:?}");
    assert!(parts[0] == "00" && !parts[1..3].iter().any(|id| id.bytes().all(|digit| digit == b'0')), "{parts:?}");
    parts
}

pub(crate) async fn the_trace_is_carried_on_or_begun_anew() {
    let (service, mut suite) = (Service::start(QUIET).await, Suite::start().await);
    // Carried on: as it is, with flags nobody knows yet, of a later version that says more.
    let flags = |flags: &str| format!("00-{TRACE}-b7ad6b7169203331-{flags}");
    let later = format!("cc-{TRACE}-b7ad6b7169203331-01-what-the-future-will-be-like");
    for (sent, sampled) in [(flags("01"), true), (flags("00"), false), (flags("ff"), true), (later, true)] {
        let calls = suite.calls(&service, &[("traceparent", &sent)], 2).await;
        let [first, second] = [parent(&calls[0]), parent(&calls[1])];
        assert_eq!([&*first[1], &*second[1]], [TRACE; 2], "{sent}");
        assert!(first[2] != second[2] && first[2] != "b7ad6b7169203331", "{sent}: each call is its own span");
        let is_sampled = u8::from_str_radix(&first[3], 16).is_ok_and(|flags| flags & 1 == 1);
        assert_eq!(is_sampled, sampled, "{sent}");
    }
    // Begun anew: nothing at all, and what no reader may take.
    let id = "b7ad6b7169203331";
    let upper = TRACE.to_uppercase();
    let malformed = [
        format!("ff-{TRACE}-{id}-01"),
        format!("00-{}-{id}-01", "0".repeat(32)),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        format!("00-{upper}-{id}-01"),
        format!("00-{}-{id}-01", &TRACE[1..]),
        format!("00-{TRACE}-{id}-01-more"),
        format!("00-{TRACE}-{id}"),
        "nothing of the kind".to_owned(),
    ];
    let nothing = suite.calls(&service, &[], 1).await;
    assert_ne!(parent(&nothing[0])[1], TRACE);
    for sent in malformed {
        let calls = suite.calls(&service, &[("traceparent", &sent), ("tracestate", "a=1")], 1).await;
        assert_ne!(parent(&calls[0])[1].to_lowercase(), TRACE, "{sent}");
        assert!(!calls[0].contains_key("tracestate"), "{sent}: the state goes with its trace");
    }
    let good = flags("01");
    let twice = suite.calls(&service, &[("traceparent", &good), ("traceparent", &good)], 1).await;
    assert_ne!(parent(&twice[0])[1], TRACE, "two callers are none");
}

pub(crate) async fn what_others_pass_along_is_passed_along() {
    let (service, mut suite) = (Service::start(QUIET).await, Suite::start().await);
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let state = |headers: &HeaderMap| -> Vec<String> {
        let values = headers.get_all("tracestate").iter().map(|value| value.to_str().expect("text").to_owned());
        let all: Vec<_> = values.collect();
        all.iter().flat_map(|value| value.split(',')).map(|member| member.trim().to_owned()).collect()
    };
    for (sent, passed) in [
        (vec!["foo=1,bar=2"], vec!["foo=1", "bar=2"]),
        (vec!["foo=1", "bar=2"], vec!["foo=1", "bar=2"]),
        (vec!["vendor@tenant=opaque value"], vec!["vendor@tenant=opaque value"]),
        (vec!["UPPER=1"], vec![]),
        (vec!["foo=1,foo=2,no pair"], vec![]),
    ] {
        let mut headers = vec![("traceparent", parent.as_str())];
        headers.extend(sent.iter().map(|value| ("tracestate", *value)));
        let calls = suite.calls(&service, &headers, 1).await;
        assert_eq!(state(&calls[0]), passed, "{sent:?}");
    }
}
