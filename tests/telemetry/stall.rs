//! A collector that is dead: nobody listens, nobody accepts, nobody answers.

use crate::{
    receiver::LATER,
    traffic::{Decided, Sent, Traffic},
};
use http::Method;
use ops_tests::{
    service::{Service, QUIET},
    wait,
};
use rustix::process::Signal;
use serde_json::{json, Value};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
};

const TIMEOUT: Duration = Duration::from_secs(1);

/// By Property 4.
const GRACE: Duration = Duration::from_secs(1);

/// Enough to see how long they take.
const REQUESTS: usize = 400;

/// Of a caller that wants it recorded.
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What does not take spans, until it is dropped.
enum Dead {
    /// A port that is bound, and on which nobody listens.
    Refuses(#[expect(dead_code, reason = "held so that nobody else gets the port")] TcpSocket),
    /// Connections come about in the kernel, and nobody accepts them.
    Ignores(#[expect(dead_code, reason = "held so that connections still come about")] TcpListener),
    /// All is read, and nothing is said.
    Listens(JoinHandle<()>),
}

impl Drop for Dead {
    fn drop(&mut self) {
        match self {
            Self::Refuses(_) | Self::Ignores(_) => {}
            Self::Listens(task) => task.abort(),
        }
    }
}

impl Dead {
    fn refuses() -> (Self, SocketAddr) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let address = socket.local_addr().expect("its address");
        (Self::Refuses(socket), address)
    }

    async fn ignores() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        (Self::Ignores(listener), address)
    }

    async fn listens() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut bytes = [0; 4096];
                    while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
                });
            }
        });
        (Self::Listens(task), address)
    }
}

pub(crate) async fn one_that_refuses_holds_up_nothing() {
    let (_dead, address) = Dead::refuses();
    holds_up_nothing(address).await;
}

pub(crate) async fn one_that_does_not_accept_holds_up_nothing() {
    let (_dead, address) = Dead::ignores().await;
    holds_up_nothing(address).await;
}

pub(crate) async fn one_that_does_not_answer_holds_up_nothing() {
    let (_dead, address) = Dead::listens().await;
    holds_up_nothing(address).await;
}

/// Neither a request nor the exit; and what is lost is counted, and said once.
async fn holds_up_nothing(address: SocketAddr) {
    for protocol in ["grpc", "http/protobuf"] {
        let end = format!("[shutdown]\ntimeout = \"{}ms\"\n", TIMEOUT.as_millis());
        let collector =
            format!("otlp_endpoint = \"http://{address}\"\notlp_protocol = \"{protocol}\"\notlp_timeout = \"500ms\"\n");
        let alone = Service::start(&format!("{QUIET}sampling_rate = 1.0\n{end}")).await;
        let mut service = Service::start(&format!("{QUIET}sampling_rate = 1.0\n{collector}{end}")).await;
        // Side by side, so that the machine is as busy for the one as for the other.
        let traffics = [&alone, &service].map(|service| Traffic::start(service.server, 2, Decided::Here));
        traffics[1].goes_on(REQUESTS).await;
        let [alone, beside] = traffics;
        let (alone, beside) = (Percentiles::of(&alone.end().await), Percentiles::of(&beside.end().await));
        println!("{protocol} at {address}: {beside:?}, without a collector {alone:?}");
        assert!(beside.median < 3 * alone.median + Duration::from_millis(5), "{beside:?}, without {alone:?}");
        assert!(beside.most < 3 * alone.most + Duration::from_millis(100), "{beside:?}, without {alone:?}");

        overflow(&service).await;
        service.process.signal(Signal::TERM);
        service.process.ended(TIMEOUT + GRACE).await;
        // One try was made while it ran, and one more at its end.
        let failed = |line: &&String| line.contains("traces.export_failed");
        assert_eq!(service.process.log().iter().filter(failed).count(), 1, "said once: {:#?}", service.process.log());
    }
}

/// Makes more spans than are kept for later: the rest is dropped, and counted.
async fn overflow(service: &Service) {
    const CALLS: usize = 1700;
    let step = json!({ "url": format!("http://{}/ok", service.server), "arguments": [] });
    let steps = Value::from(vec![step; CALLS]).to_string();
    let headers = [("content-type", "application/json"), ("traceparent", PARENT)];
    let answer = service.client().send(service.server, Method::POST, "/test", &headers, &steps).await;
    assert_eq!(answer.expect("an answer").status, 200);
    let says = || service.process.log().iter().any(|line| line.contains("traces.export_failed"));
    wait::holds("the line that says so", LATER, says).await;
    let scrape = service.scrape().await;
    let [dropped, kept] = ["ops_spans_dropped_total", "ops_spans_exported_total"].map(|name| scrape.sum(name, &[]));
    assert!(dropped > 0.0 && kept < 1.0, "{dropped} dropped, {kept} taken");
}

/// How long requests took.
#[derive(Clone, Copy, Debug)]
struct Percentiles {
    median: Duration,
    /// 95 of 100.
    most: Duration,
}

impl Percentiles {
    fn of(sent: &[Sent]) -> Self {
        let mut all: Vec<_> = sent.iter().map(Sent::took).collect();
        all.sort_unstable();
        Self { median: all[all.len() / 2], most: all[all.len() * 95 / 100] }
    }
}
