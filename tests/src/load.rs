//! Requests all the while, on connections that stay.
//!
//! Each client has one connection and never makes another: one that the service closes is a
//! failure here, where a client that quietly connects again would hide it.

use crate::client::Failure;
use bytes::Bytes;
use http::{header::HOST, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::{Duration, SystemTime},
};
use tokio::{net::TcpStream, task::JoinHandle, time::interval};

/// Clients at work.
#[derive(Debug)]
pub struct Load {
    ended: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Seen>>,
}

/// What the clients have seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many requests were answered with 200.
    pub answered: u64,
    /// Every other end of a request; a client whose connection broke stops there.
    pub failed: Vec<String>,
    /// The longest that an answer took, to the last byte.
    pub slowest: Duration,
}

impl Load {
    /// So many clients of HTTP/1.1 and as many of HTTP/2, each asking for `/ok` once in this time.
    ///
    /// # Panics
    /// When one cannot connect.
    pub async fn start(server: SocketAddr, clients: usize, period: Duration) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for number in 0..2 * clients {
            let connection = Connection::open(server, number % 2 == 1).await.expect("a connection");
            tasks.push(tokio::spawn(ask(connection, server, period, Arc::clone(&ended))));
        }
        Self { ended, clients: tasks }
    }

    /// Lets the last requests come to their end; what was seen in all.
    ///
    /// # Panics
    /// When a client did.
    pub async fn end(self) -> Seen {
        self.ended.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for client in self.clients {
            let seen = client.await.expect("the client ends");
            all.answered += seen.answered;
            all.failed.extend(seen.failed);
            all.slowest = all.slowest.max(seen.slowest);
        }
        all
    }
}

async fn ask(mut connection: Connection, server: SocketAddr, period: Duration, ended: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    let mut ticks = interval(period);
    while !ended.load(Ordering::Relaxed) {
        ticks.tick().await;
        let begun = SystemTime::now();
        match connection.get(server, "/ok").await {
            Ok(StatusCode::OK) => seen.answered += 1,
            Ok(status) => seen.failed.push(status.to_string()),
            Err(error) => {
                seen.failed.push(error.to_string());
                return seen;
            }
        }
        seen.slowest = seen.slowest.max(begun.elapsed().unwrap_or_default());
    }
    seen
}

/// A connection of one protocol.
enum Connection {
    One(http1::SendRequest<Empty<Bytes>>),
    Two(http2::SendRequest<Empty<Bytes>>),
}

impl Connection {
    async fn open(server: SocketAddr, is_http2: bool) -> Result<Self, Failure> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let stream = TokioIo::new(stream);
        // What ends a connection ends the next request on it, too.
        if is_http2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
            tokio::spawn(connection);
            Ok(Self::Two(sender))
        } else {
            let (sender, connection) = http1::handshake(stream).await?;
            tokio::spawn(connection);
            Ok(Self::One(sender))
        }
    }

    async fn get(&mut self, server: SocketAddr, path: &str) -> Result<StatusCode, Failure> {
        let response = match self {
            Self::One(sender) => {
                sender.ready().await?;
                let request = Request::get(path).header(HOST, server.to_string());
                sender.send_request(request.body(Empty::new())?).await?
            }
            Self::Two(sender) => {
                sender.ready().await?;
                let request = Request::get(format!("http://{server}{path}"));
                sender.send_request(request.body(Empty::new())?).await?
            }
        };
        let (head, body) = response.into_parts();
        body.collect().await?;
        Ok(head.status)
    }
}
