//! The end of the process against its promises. Connections run over pipes in memory where time
//! matters, on a paused clock, and over real sockets where listeners do.

mod end;
mod handover;
mod listen;
mod pipe;
mod upgrade;

use super::{connection, Connections, Hooks};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{combinators::BoxBody, BodyExt, Empty, Full, StreamBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ops_config::section::ShutdownConfig;
use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    task::JoinHandle,
    time::{sleep, Instant},
};

type Body = BoxBody<Bytes, Infallible>;
type Answer = Result<(u16, String, bool), hyper::Error>;

/// `/ms/chunks`: answers after so long, then streams so many chunks, one each millisecond. `/stuck` never answers.
/// `/echo` hands the connection over and sends back what comes.
async fn answer(mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    if path == "/echo" {
        let handed = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(TokioIo::new(handed.await.expect("handed over")));
            let _ = tokio::io::copy(&mut read, &mut write).await;
        });
        let response = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
        return Ok(response.body(BodyExt::boxed(Empty::new())).expect("a response"));
    }
    if path == "/stuck" {
        return pending().await;
    }
    let mut parts = path.split('/').skip(1).map(|part| part.parse::<u64>().unwrap_or(0));
    let (ms, chunks) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    sleep(Duration::from_millis(ms)).await;
    if chunks == 0 {
        return Ok(Response::new(Full::new(Bytes::from_static(b"done")).boxed()));
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for _ in 0..chunks {
            sleep(Duration::from_millis(1)).await;
            if sender.send(Ok(Frame::data(Bytes::from_static(b".")))).await.is_err() {
                return;
            }
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|frame| (frame, receiver))
    });
    Ok(Response::new(BodyExt::boxed(StreamBody::new(stream))))
}

/// What must end, and would hang the test if it did not.
async fn must_end<F: std::future::Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(Duration::from_mins(5), future).await.unwrap_or_else(|_| panic!("does not end: {what}"))
}

/// A connection over a pipe, served; the client's end.
fn connect(connections: &Connections) -> DuplexStream {
    connect_over(connections, 64 * 1024)
}

/// The same, over a pipe that holds so many bytes.
fn connect_over(connections: &Connections, bytes: usize) -> DuplexStream {
    let (client, server) = tokio::io::duplex(bytes);
    let service = tower::service_fn(answer);
    connections.take(server, None, service, Arc::new(connection::builder()), connections.drain_token());
    client
}

enum Client {
    One(http1::SendRequest<Empty<Bytes>>),
    Two(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    /// Speaks HTTP over a connection. The task ends when the connection does.
    async fn speak<T>(io: T, is_h2: bool) -> (Self, JoinHandle<()>)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let io = TokioIo::new(io);
        if is_h2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.expect("speaks h2");
            (Self::Two(sender), tokio::spawn(async { drop(connection.await) }))
        } else {
            let (sender, connection) = http1::handshake(io).await.expect("speaks h1");
            (Self::One(sender), tokio::spawn(async { drop(connection.await) }))
        }
    }

    /// Status, body and whether the server says that it closes.
    fn get(&mut self, path: &str) -> impl std::future::Future<Output = Answer> + Send + 'static {
        let request = Request::get(format!("http://test{path}")).header("host", "test").body(Empty::new());
        let request = request.expect("a request");
        let response: futures_util::future::Either<_, _> = match self {
            Self::One(sender) => futures_util::future::Either::Left(sender.send_request(request)),
            Self::Two(sender) => futures_util::future::Either::Right(sender.send_request(request)),
        };
        async {
            let response = response.await?;
            let closes = response.headers().get("connection").is_some_and(|value| value == "close");
            let status = response.status().as_u16();
            let body = response.into_body().collect().await?.to_bytes();
            Ok((status, String::from_utf8_lossy(&body).into_owned(), closes))
        }
    }
}

fn config(timeout: &str, drain_delay: &str) -> ShutdownConfig {
    let text = format!("timeout = \"{timeout}\"\ndrain_delay = \"{drain_delay}\"");
    toml::from_str(&text).expect("valid")
}

/// Hooks that write down what they are asked, and when.
#[derive(Debug, Default)]
struct Recorder {
    steps: Vec<(&'static str, Duration)>,
    begin: Option<Instant>,
    are_stuck: bool,
}

impl Recorder {
    fn note(&mut self, step: &'static str) {
        let begin = *self.begin.get_or_insert_with(Instant::now);
        self.steps.push((step, begin.elapsed()));
    }
}

impl Hooks for Recorder {
    fn fail_readiness(&mut self) {
        self.note("readiness");
    }

    async fn close_pools(&mut self, _by: Instant) {
        self.note("pools");
        if self.are_stuck {
            pending::<()>().await;
        }
    }

    async fn flush_telemetry(&mut self, _by: Instant) {
        self.note("telemetry");
        if self.are_stuck {
            pending::<()>().await;
        }
    }
}
