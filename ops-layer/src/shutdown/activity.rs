//! What one connection is doing, seen from the requests and from the socket.

use super::connections::Tally;
use hyper::rt::{Read, ReadBufCursor, Write};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
        Arc,
    },
    task::{ready, Context, Poll},
};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What one connection is doing. The numbers only steer patience at the end, so no order between them is needed.
#[derive(Debug)]
pub(super) struct Activity {
    peer: Option<SocketAddr>,
    tally: Arc<Tally>,
    began: AtomicBool,
    multiplexes: AtomicBool,
    in_flight: AtomicUsize,
    received: AtomicU64,
    sent: AtomicU64,
    blocked: AtomicBool,
    draining: AtomicBool,
    upgraded: AtomicBool,
    closed: AtomicBool,
    gone: Notify,
}

impl Activity {
    pub(super) fn new(tally: Arc<Tally>, peer: Option<SocketAddr>) -> Arc<Self> {
        Arc::new(Self {
            peer,
            tally,
            began: AtomicBool::new(false),
            multiplexes: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            upgraded: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            gone: Notify::new(),
        })
    }

    /// Who is at the other end, where the system says.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Counts a request, until the guard is dropped. Over HTTP/2, others can come beside it.
    pub(super) fn begin(self: &Arc<Self>, multiplexes: bool) -> InFlight {
        self.began.store(true, Relaxed);
        self.multiplexes.store(multiplexes, Relaxed);
        self.in_flight.fetch_add(1, Relaxed);
        self.tally.begin();
        InFlight { activity: Arc::clone(self) }
    }

    /// Answers from now on tell the client that the connection ends.
    pub(super) fn drain(&self) {
        self.draining.store(true, Relaxed);
    }

    /// An answer that hands the connection over is on its way: from now on it is no longer HTTP.
    pub(super) fn upgrade(&self) {
        self.upgraded.store(true, Relaxed);
    }

    fn is_upgraded(&self) -> bool {
        self.upgraded.load(Relaxed)
    }

    /// Waits until nobody has the socket any more; not at all where hyper had it last. Meanwhile whoever it was handed
    /// over to counts as a request under way. For one waiter.
    pub(super) async fn closed(self: &Arc<Self>) {
        if !self.closed.load(Acquire) {
            let _counted = self.begin(false);
            let _upgraded = self.tally.upgrade();
            self.gone.notified().await;
        }
    }

    /// Whether a request has ever come.
    pub(super) fn has_begun(&self) -> bool {
        self.began.load(Relaxed)
    }

    /// Whether what has come was HTTP/2.
    pub(super) fn multiplexes(&self) -> bool {
        self.multiplexes.load(Relaxed)
    }

    /// Requests whose response has not ended.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    /// Whether bytes wait because the peer does not take them.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Relaxed)
    }

    /// Bytes moved either way, to see whether anything does.
    pub(super) fn moved(&self) -> u64 {
        self.received.load(Relaxed).wrapping_add(self.sent())
    }

    /// How often the peer took bytes.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }
}

/// One request under way. Held by its response body, so a download counts until its last frame.
#[derive(Debug)]
pub struct InFlight {
    activity: Arc<Activity>,
}

impl InFlight {
    /// The answer hands the connection over.
    pub(super) fn upgrade(&self) {
        self.activity.upgrade();
    }

    pub(super) fn is_draining(&self) -> bool {
        self.activity.draining.load(Relaxed)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.activity.in_flight.fetch_sub(1, Relaxed);
        self.activity.tally.end();
    }
}

pin_project! {
    /// A socket that tells what it does.
    #[derive(Debug)]
    pub(super) struct Watched<T> {
        #[pin]
        io: T,
        activity: Arc<Activity>,
        cut: CancellationToken,
        // Made when the socket is first used after an upgrade: until then its task is cut, not the socket.
        cutting: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
        open: Open,
    }
}

/// Tells when the socket is let go of.
#[derive(Debug)]
struct Open(Arc<Activity>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed.store(true, Release);
        self.0.gone.notify_one();
    }
}

impl<T> Watched<T> {
    pub(super) fn new(io: T, activity: Arc<Activity>, cut: CancellationToken) -> Self {
        let open = Open(Arc::clone(&activity));
        Self { io, activity, cut, cutting: None, open }
    }

    /// Fails once the time is over, where the socket is in other hands than hyper's.
    fn poll_cut(self: Pin<&mut Self>, cx: &mut Context<'_>) -> io::Result<()> {
        let this = self.project();
        if !this.activity.is_upgraded() {
            return Ok(());
        }
        let cut = &*this.cut;
        match this.cutting.get_or_insert_with(|| Box::pin(cut.clone().cancelled_owned())).as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the service has ended")),
            Poll::Pending => Ok(()),
        }
    }
}

impl<T: Read> Read for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        self.as_mut().poll_cut(cx)?;
        let this = self.project();
        let outcome = ready!(this.io.poll_read(cx, buffer));
        this.activity.received.fetch_add(1, Relaxed);
        Poll::Ready(outcome)
    }
}

impl<T: Write> Write for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.as_mut().poll_cut(cx)?;
        let this = self.project();
        written(this.activity, this.io.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.as_mut().poll_cut(cx)?;
        let this = self.project();
        written(this.activity, this.io.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_shutdown(cx)
    }
}

fn written(activity: &Activity, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
    activity.blocked.store(poll.is_pending(), Relaxed);
    if poll.is_ready() {
        activity.sent.fetch_add(1, Relaxed);
    }
    poll
}
