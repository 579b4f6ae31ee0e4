//! All connections of some listeners.

use super::{accept::accept, activity::Activity, connection, grip::Streams, slot};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::server::conn::auto::Builder;
use std::{
    error::Error as StdError,
    future::Future,
    net::SocketAddr,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

/// The connections of some listeners: each is served in a task of its own, all are drained or cut together.
#[derive(Clone, Debug)]
pub struct Connections {
    tasks: TaskTracker,
    drain: CancellationToken,
    cut: CancellationToken,
    tally: Arc<Tally>,
}

/// Requests of some listeners, begun and ended.
#[derive(Debug, Default)]
pub(super) struct Tally {
    begun: AtomicU64,
    ended: AtomicU64,
    /// Connections in other hands than hyper's.
    upgraded: AtomicU64,
    connections: AtomicU64,
}

/// Counts one more until it is dropped.
#[derive(Debug)]
pub(super) struct One<'t>(&'t AtomicU64);

impl<'t> One<'t> {
    fn of(count: &'t AtomicU64) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Tally {
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self) {
        self.ended.fetch_add(1, Relaxed);
    }

    pub(super) fn upgrade(&self) -> One<'_> {
        One::of(&self.upgraded)
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self::new()
    }
}

impl Connections {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tasks: TaskTracker::new(),
            drain: CancellationToken::new(),
            cut: CancellationToken::new(),
            tally: Arc::default(),
        }
    }

    /// Serves what comes in at a slot, through every change of its address, until drained. Returns at once.
    ///
    /// Each request is answered by a clone of `service`. An error of the service closes the connection
    /// without a response.
    pub fn serve<S, B>(&self, mut incoming: slot::Incoming, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let connections = self.clone();
        self.spawn(async move {
            let mut last: Option<CancellationToken> = None;
            loop {
                let changed = tokio::select! {
                    biased;
                    changed = incoming.changed() => changed,
                    () = connections.drain.cancelled() => break,
                };
                let stop = CancellationToken::new();
                if let Some(bound) = changed {
                    let listening = accept(incoming.name(), bound, service.clone(), stop.clone(), connections.clone());
                    connections.spawn(listening);
                }
                // The new one accepts before the old one stops: no connection finds the door shut.
                if let Some(last) = last.replace(stop) {
                    last.cancel();
                }
            }
            // Then alone the loop holds the listener and closes it the moment the queue is empty. Were it held any
            // longer, clients would be let in whom nobody serves.
            incoming.close();
            if let Some(last) = last {
                last.cancel();
            }
        });
    }

    /// Serves one connection, in a task of its own, until it ends or `drain` asks it to.
    pub(super) fn take<I, S, B>(
        &self,
        io: I,
        peer: Option<SocketAddr>,
        service: S,
        builder: Arc<Builder<Streams>>,
        drain: CancellationToken,
    ) where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let activity = Activity::new(Arc::clone(&self.tally), peer);
        let (tally, cut) = (Arc::clone(&self.tally), self.cut.clone());
        self.spawn(async move {
            let _counted = One::of(&tally.connections);
            connection::serve(io, service, builder, activity, drain, cut).await;
        });
    }

    /// Requests whose response has not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        let ended = self.tally.ended.load(Relaxed);
        self.tally.begun.load(Relaxed).saturating_sub(ended)
    }

    /// Connections that are open, whether or not a request is under way.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.tally.connections.load(Relaxed)
    }

    /// Connections that an answer has handed over to other protocols, such as `WebSocket`; each is in flight as well.
    #[must_use]
    pub fn upgraded(&self) -> u64 {
        self.tally.upgraded.load(Relaxed)
    }

    /// Requests whose response has ended, one way or the other.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.tally.ended.load(Relaxed)
    }

    /// Stops accepting, closes idle connections, and lets the others finish.
    pub fn drain(&self) {
        self.tasks.close();
        self.drain.cancel();
    }

    /// Waits for the last connection, after [`Self::drain`].
    pub async fn finished(&self) {
        self.tasks.wait().await;
    }

    /// Cuts every connection. Returns how many requests were under way.
    #[must_use]
    pub fn abort(&self) -> u64 {
        let in_flight = self.in_flight();
        self.drain();
        self.cut.cancel();
        in_flight
    }

    /// Cancelled by [`Self::drain`].
    pub(super) fn end(&self) -> CancellationToken {
        self.drain.clone()
    }

    #[cfg(test)]
    pub(super) fn drain_token(&self) -> CancellationToken {
        self.drain.child_token()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.tasks.spawn(task));
    }
}
