//! Responses that make no progress, over real sockets.

use crate::service::Running;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{combinators::BoxBody, BodyExt, Empty, Full, StreamBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{convert::Infallible, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout, Instant},
};
use tower::Layer;

/// How long a body may rest here.
const IDLE: Duration = Duration::from_millis(400);
/// What a busy machine may take longer.
const PATIENT: Duration = Duration::from_secs(20);

type Body = BoxBody<Bytes, Infallible>;

/// `/endless` streams as fast as it is read, `/stuck` stops after its first frame, `/whole` is there at once and
/// more than any buffer takes, `/ok` is short.
async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let chunk = || Ok(Frame::data(Bytes::from_static(&[b'.'; 16 * 1024])));
    Ok(Response::new(match request.uri().path() {
        "/endless" => BodyExt::boxed(StreamBody::new(futures_util::stream::repeat_with(chunk))),
        "/stuck" => {
            let frames = futures_util::stream::unfold(true, move |is_first| async move {
                if !is_first {
                    std::future::pending::<()>().await;
                }
                Some((chunk(), false))
            });
            BodyExt::boxed(StreamBody::new(frames))
        }
        "/whole" => Full::new(Bytes::from(vec![b'.'; 64 << 20])).boxed(),
        _ => Full::new(Bytes::from_static(b"ok")).boxed(),
    }))
}

/// A service that takes on one request at a time.
struct Served {
    running: Running,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    async fn start(limits: &str) -> Self {
        let text = format!("server.listen = \"127.0.0.1:0\"\nlimits = {{ max_in_flight = 1, {limits} }}\n");
        let running = Running::start(&text).await;
        let server = running.ops.bind().await.expect("a free port");
        let address = server.address();
        let service = running.ops.layer().layer(tower::service_fn(answer));
        let task = tokio::spawn(async { drop(server.serve(service).await) });
        Self { running, address, task }
    }

    /// A client that asks, sees that it is let in, and reads no further.
    async fn ask(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.expect("a head");
        assert_eq!(&head, b"HTTP/1.1 200");
        stream
    }

    async fn http2(&self) -> http2::SendRequest<Empty<Bytes>> {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("h2");
        tokio::spawn(connection);
        sender
    }

    async fn status(&self) -> u16 {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("h1");
        tokio::spawn(connection);
        let response = sender.send_request(get("/ok")).await.expect("an answer");
        response.status().as_u16()
    }

    /// Waits until the one place is free again.
    async fn freed(&self) {
        let freed = async {
            while self.status().await != 200 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENT, freed).await.expect("the place comes back");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(format!("http://test{path}")).header("host", "test").body(Empty::new()).expect("a request")
}

/// Feature: production-excellence, Property 23: a client that never reads its response holds its permit no
/// longer than the idle timeout; its connection ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_loses_its_connection() {
    let served = Served::start("stream_idle_timeout = \"400ms\"").await;
    let begin = Instant::now();
    let mut client = served.ask("/endless").await;
    served.freed().await;
    assert!(begin.elapsed() >= IDLE, "not before its time");
    let mut bytes = Vec::new();
    // What the system has buffered, then the end, as a reset or not.
    let _ = timeout(PATIENT, client.read_to_end(&mut bytes)).await.expect("the connection ends");
}

/// Feature: production-excellence, Property 23: over HTTP/2 its stream ends, and the connection goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_a_stream_loses_that_stream() {
    let served = Served::start("stream_idle_timeout = \"400ms\"").await;
    let begin = Instant::now();
    let mut sender = served.http2().await;
    let unread = sender.send_request(get("/endless")).await.expect("a head");
    assert_eq!(unread.status(), 200);
    served.freed().await;
    assert!(begin.elapsed() >= IDLE, "not before its time");
    let other = sender.send_request(get("/ok")).await.expect("the connection goes on");
    assert_eq!(other.into_body().collect().await.expect("a body").to_bytes(), "ok");
    let read = timeout(PATIENT, unread.into_body().collect()).await.expect("the stream ends");
    assert!(read.is_err(), "it was cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_stops_producing_is_cut() {
    let served = Served::start("stream_idle_timeout = \"400ms\"").await;
    let begin = Instant::now();
    let mut client = served.ask("/stuck").await;
    let mut bytes = Vec::new();
    timeout(PATIENT, client.read_to_end(&mut bytes)).await.expect("the connection ends").expect("readable");
    assert!(begin.elapsed() >= IDLE && bytes.len() > 16 * 1024, "{:?}", begin.elapsed());
    assert!(!bytes.ends_with(b"0\r\n\r\n"), "it does not look whole");

    served.freed().await;
    let mut sender = served.http2().await;
    let stuck = sender.send_request(get("/stuck")).await.expect("a head");
    assert_eq!(stuck.status(), 200);
    assert!(timeout(PATIENT, stuck.into_body().collect()).await.expect("the stream ends").is_err());
    served.freed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_that_is_whole_but_not_taken_ends_with_its_connection() {
    let served = Served::start("stream_idle_timeout = \"100ms\"").await;
    let mut client = served.ask("/whole").await;
    sleep(IDLE * 3).await;
    let mut bytes = Vec::new();
    let _ = timeout(PATIENT, client.read_to_end(&mut bytes)).await.expect("the connection ends");
    assert!(bytes.len() < 64 << 20, "cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_slowly_is_not_cut() {
    let served = Served::start("stream_idle_timeout = \"3s\"").await;
    let mut client = served.ask("/endless").await;
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..50 {
        // A pause far below the timeout, and all of them together above it.
        client.read_exact(&mut buffer).await.expect("it goes on");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_connection_may_rest_between_its_requests() {
    let served = Served::start("stream_idle_timeout = \"100ms\"").await;
    let stream = TcpStream::connect(served.address).await.expect("a connection");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("h1");
    tokio::spawn(connection);
    for _ in 0..3 {
        let response = sender.send_request(get("/ok")).await.expect("the same connection");
        assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), "ok");
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_decides_for_the_next_response_and_observing_cuts_nothing() {
    let served = Served::start("stream_idle_timeout = \"100ms\", modes = { stream_idle_timeout = \"observe\" }").await;
    let unread = served.ask("/endless").await;
    sleep(IDLE).await;
    assert_eq!(served.status().await, 503, "it was only counted");

    let text = "server.listen = \"127.0.0.1:0\"\nlimits = { max_in_flight = 1, stream_idle_timeout = \"100ms\" }\n";
    let outcome = served.running.save(text).await;
    assert!(matches!(outcome, ops_config::reload::Outcome::Applied { .. }), "{outcome:?}");
    assert_eq!(served.status().await, 503, "what is under way keeps to what it began with");
    drop(unread);
    served.freed().await;
    let _unread = served.ask("/endless").await;
    served.freed().await;
}
