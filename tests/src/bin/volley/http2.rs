//! A client of HTTP/2 which tells a request that the service has not begun from one that was lost.

use super::{
    connect,
    report::{End, Report},
    request::Request,
};
use bytes::Bytes;
use h2::{client, Reason};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    task::{ready, Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    task::JoinSet,
};

/// So many requests at once, each after the one before, on one connection after another.
pub(super) async fn ask(address: SocketAddr, first: usize, streams: usize, report: Arc<Report>) {
    let mut is_first = true;
    while let Some(stream) = connect(address).await {
        let greeted = Arc::new(AtomicBool::new(false));
        let stream = Greeted { stream, greeted: Arc::clone(&greeted) };
        let Ok((sender, connection)) = client::handshake(stream).await else { continue };
        tokio::spawn(connection);
        let mut askers = JoinSet::new();
        for number in 0..streams {
            let asker = Asker { host: address, greeted: Arc::clone(&greeted), report: Arc::clone(&report) };
            askers.spawn(asker.run(sender.clone(), first + number * 7, is_first));
        }
        drop(sender);
        while askers.join_next().await.is_some() {}
        is_first = false;
    }
}

/// Requests one after another.
struct Asker {
    host: SocketAddr,
    greeted: Arc<AtomicBool>,
    report: Arc<Report>,
}

impl Asker {
    async fn run(self, mut sender: client::SendRequest<Bytes>, first: usize, mut tells: bool) {
        for number in first.. {
            // It has said that it ends, or has ended: nothing was sent.
            let Ok(ready) = sender.ready().await else { return };
            sender = ready;
            let request = Request::new(number);
            let (end, why) = match one(&mut sender, self.host, &request).await {
                Ok((status, body)) if request.is_answered(status, &body) => (End::Answered, String::new()),
                Ok((status, body)) => (End::Wrong, format!("{status} {}", String::from_utf8_lossy(&body))),
                Err(lost) => (lost.end(self.greeted.load(Relaxed)), lost.error.to_string()),
            };
            self.report.count(end, || format!("HTTP/2 {} {}: {why}", request.method, request.path));
            if end == End::Answered && std::mem::take(&mut tells) {
                self.report.begun();
            }
        }
    }
}

/// Why there is no answer, or no whole one.
struct Lost {
    error: h2::Error,
    stage: Stage,
}

/// How far it had come.
enum Stage {
    Unsent,
    Sent,
    Begun,
}

async fn one(
    sender: &mut client::SendRequest<Bytes>,
    host: SocketAddr,
    request: &Request,
) -> Result<(u16, Vec<u8>), Lost> {
    let lost = |stage| move |error| Lost { error, stage };
    let head = http::Request::builder()
        .method(request.method)
        .uri(format!("http://{host}{}", request.path))
        .header("content-type", "application/json")
        .body(())
        .expect("its parts are those of a request");
    let is_empty = request.body.is_empty();
    let (answer, mut sending) = sender.send_request(head, is_empty).map_err(lost(Stage::Unsent))?;
    if !is_empty {
        sending.send_data(Bytes::from_static(request.body.as_bytes()), true).map_err(lost(Stage::Sent))?;
    }
    let (head, mut receiving) = answer.await.map_err(lost(Stage::Sent))?.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = receiving.data().await {
        let piece = piece.map_err(lost(Stage::Begun))?;
        // It was counted by the frame that has just come.
        let _ = receiving.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
    }
    Ok((head.status.as_u16(), body))
}

impl Lost {
    /// A GOAWAY of the service ends with its error only the requests that it says it has not begun.
    fn end(&self, was_greeted: bool) -> End {
        let is_refused = match self.error.reason() {
            Some(Reason::REFUSED_STREAM) => self.error.is_remote(),
            Some(Reason::NO_ERROR) => self.error.is_remote() && self.error.is_go_away(),
            _ => false,
        };
        match self.stage {
            Stage::Unsent => End::Unsent,
            Stage::Sent if is_refused => End::Refused,
            Stage::Sent if !was_greeted => End::Dropped,
            Stage::Sent | Stage::Begun => End::Cut,
        }
    }
}

/// A connection which knows whether the service has said anything on it, be it only its settings.
struct Greeted {
    stream: TcpStream,
    greeted: Arc<AtomicBool>,
}

impl AsyncRead for Greeted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let outcome = ready!(Pin::new(&mut this.stream).poll_read(cx, buffer));
        if buffer.filled().len() > before {
            this.greeted.store(true, Relaxed);
        }
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for Greeted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
