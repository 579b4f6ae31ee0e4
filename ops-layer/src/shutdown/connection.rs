//! One connection, from its first byte to its end.

use super::{
    activity::{Activity, Watched},
    grip::{Grip, Streams},
    service::Counted,
};
use http::{Request, Response};
use http_body::Body;
use hyper::{
    body::Incoming,
    rt::{Read, Write},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::{Builder, UpgradeableConnection},
};
use std::{
    error::Error as StdError,
    future::{poll_fn, Future},
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{sleep, Instant, Sleep},
};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long a client may take for the head of a request, the first one counted from the connection's begin.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// While draining: how long a connection without any request yet may take to send one. It may have been
/// accepted a moment before, with its request still on the wire.
const FIRST_REQUEST: Duration = Duration::from_secs(1);
/// While draining: how long a connection of HTTP/1.1 without a request under way is kept. The next request may be on
/// the wire, and closing would lose it: RFC 9112 (9.6) has no word for "not begun" as HTTP/2 has in GOAWAY. It is
/// answered, and told that the connection ends. Long enough for clients that ask again without a pause; those that
/// pause longer may still cross with the end, as with any server.
const REST: Duration = Duration::from_millis(250);
/// While draining: how long a connection that was told to finish may be silent without a request under way. This is
/// for HTTP/2 clients that do not answer.
const SILENCE: Duration = Duration::from_secs(5);

type BoxError = Box<dyn StdError + Send + Sync>;

/// How hyper serves each connection. Made once for each listener.
pub(super) fn builder() -> Builder<Streams> {
    let mut builder = Builder::new(Streams);
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // A peer that vanished without a word would hold its connection for ever.
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIMEOUT);
    builder
}

/// Serves one connection until it ends, is silent too long, or is cut.
pub(super) async fn serve<I, S, B>(
    io: I,
    service: S,
    builder: Arc<Builder<Streams>>,
    activity: Arc<Activity>,
    drain: CancellationToken,
    cut: CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let io = Watched::new(TokioIo::new(io), Arc::clone(&activity), cut.clone());
    let service = Counted::new(service, Arc::clone(&activity));
    {
        let connection = builder.serve_connection_with_upgrades(io, service);
        let (drained, cut) = (drain.cancelled(), cut.cancelled());
        speak(connection, &activity, drained, cut).await;
        // Here hyper lets go of the socket, unless it has been handed over.
    }
    tokio::select! {
        () = activity.closed() => {}
        () = cut.cancelled() => {}
    }
}

/// Serves one connection as long as it is HTTP.
async fn speak<I, S, B>(
    connection: UpgradeableConnection<'_, I, S, Streams>,
    activity: &Arc<Activity>,
    drained: impl Future<Output = ()>,
    cut: impl Future<Output = ()>,
) where
    I: Read + Write + Send + Unpin + 'static,
    S: hyper::service::Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let (mut connection, mut drained, mut cut) = (pin!(connection), pin!(drained), pin!(cut));
    let mut timer = pin!(sleep(HEAD_TIMEOUT));
    let mut patience = Patience::new(activity);
    let mut grip = Grip::of_connection(activity);

    poll_fn(|cx| loop {
        // The connection first: what has already arrived is a request, not an idle connection.
        if grip.poll(connection.as_mut(), cx).is_ready() || cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !patience.is_draining() && drained.as_mut().poll(cx).is_ready() {
            patience.drain(timer.as_mut());
        }
        let over = patience.poll(timer.as_mut(), cx);
        if over.is_pending() && patience.tell() {
            connection.as_mut().graceful_shutdown();
            continue;
        }
        return over;
    })
    .await;
}

/// How much longer a connection is waited for.
struct Patience<'a> {
    activity: &'a Activity,
    phase: Phase,
    moved: u64,
    has_rested: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Serving; the timer runs for the first request.
    First,
    /// Serving; the timer is over.
    Serving,
    /// To be drained: over HTTP/2 as soon as its first request has come, over HTTP/1.1 with an answer or by resting.
    Asked,
    /// Told to finish.
    Told,
}

impl<'a> Patience<'a> {
    fn new(activity: &'a Activity) -> Self {
        Self { activity, phase: Phase::First, moved: 0, has_rested: false }
    }

    fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Asked | Phase::Told)
    }

    fn drain(&mut self, timer: std::pin::Pin<&mut Sleep>) {
        self.phase = Phase::Asked;
        self.activity.drain();
        self.moved = self.activity.moved();
        let may_rest = self.activity.has_begun() && !self.activity.multiplexes();
        timer.reset(Instant::now() + if may_rest { REST } else { FIRST_REQUEST });
    }

    /// Whether it is now that the connection must be told to finish: hyper would close one that is between two
    /// requests, or has not yet sent the first, though a request may be on its way.
    fn tell(&mut self) -> bool {
        let is_ready = self.has_rested || self.activity.multiplexes();
        let now = self.phase == Phase::Asked && self.activity.has_begun() && is_ready;
        if now {
            self.phase = Phase::Told;
        }
        now
    }

    fn poll(&mut self, mut timer: std::pin::Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
        while self.phase != Phase::Serving && timer.as_mut().poll(cx).is_ready() {
            let moved = self.activity.moved();
            let is_silent = self.activity.in_flight() == 0 && !self.activity.is_blocked();
            match self.phase {
                Phase::First if !self.activity.has_begun() => return Poll::Ready(()),
                Phase::First | Phase::Serving => self.phase = Phase::Serving,
                Phase::Asked if is_silent && !self.activity.has_begun() => return Poll::Ready(()),
                Phase::Told if is_silent && moved == self.moved => return Poll::Ready(()),
                Phase::Asked if !(is_silent && moved == self.moved) => {
                    self.moved = moved;
                    timer.as_mut().reset(Instant::now() + REST);
                }
                Phase::Asked | Phase::Told => {
                    self.has_rested = true;
                    self.moved = moved;
                    timer.as_mut().reset(Instant::now() + SILENCE);
                }
            }
        }
        Poll::Pending
    }
}
