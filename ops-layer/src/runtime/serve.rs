//! The service's own listener, and the end.

use super::{ops::Inner, supervisor::Reloading, Ops};
use crate::shutdown::{Hooks, ShutdownReport, Signals};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use ops_config::{
    diagnostic::Report,
    reload::{Outcome, ReloadHandle},
};
use std::{error::Error as StdError, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{signal, Signal, SignalKind},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;
use tower::Service;

/// How long the last line of the log may take.
const LAST_LINE: Duration = Duration::from_millis(200);
/// How much longer than `shutdown.timeout` the end may take.
const AFTER: Duration = Duration::from_secs(1);

/// Why a service could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// `server.listen` cannot be bound.
    #[error("cannot listen")]
    Bind(#[from] Report),
    /// The system does not let the process listen for signals.
    #[error("cannot listen for signals")]
    Signals(#[from] io::Error),
}

/// A service's listener that is bound, so that connections queue up, and not yet served.
#[derive(Debug)]
pub struct Server {
    pub(super) ops: Ops,
    pub(super) incoming: crate::shutdown::Incoming,
    pub(super) address: SocketAddr,
}

impl Server {
    /// The address, with the port the system chose.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or SIGINT, then shuts down as `[shutdown]` says; a second signal ends
    /// the waiting. SIGHUP reloads.
    ///
    /// Each request is answered by a clone of `service`, which has `ops.layer()` in it.
    ///
    /// # Errors
    /// When the system does not let the process listen for signals.
    pub async fn serve<S, B>(self, service: S) -> Result<ShutdownReport, ServeError>
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let signals = Signals::listen()?;
        self.serve_until(signals, service).await
    }

    /// As [`Self::serve`], for a program that listens for signals since before it was ready to serve, so that one that
    /// came meanwhile is not lost.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_until<S, B>(self, signals: Signals, service: S) -> Result<ShutdownReport, ServeError>
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let hangup = signal(SignalKind::hangup())?;
        let inner = Arc::clone(&self.ops.inner);
        inner.state.shutdown.traffic().serve(self.incoming, service);
        let supervisor = &inner.state.supervisor;
        supervisor.ready(format!("generation {} is in force", inner.live.current().seq));
        let _watched = supervisor.watch();
        let side = inner.state.side.handle().cloned();
        let end = end(inner, signals, hangup);
        let Some(side) = side else { return Ok(end.await) };
        // Where no handler can keep it from hearing a signal, nor from noticing that the time is over.
        match AbortOnDropHandle::new(side.spawn(end)).await {
            Ok(report) => Ok(report),
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(io::Error::other("the thread that waits for signals has ended").into()),
            },
        }
    }
}

/// Waits for the signal that ends the process, and ends what it does.
async fn end(inner: Arc<Inner>, mut signals: Signals, mut hangup: Signal) -> ShutdownReport {
    let first = loop {
        tokio::select! {
            signal = signals.next() => break signal,
            // Beside, not here: a slow reload must not keep a SIGTERM waiting.
            _ = hangup.recv() => {
                let reloading = inner.state.supervisor.reloading();
                drop(tokio::spawn(reload(inner.reload.clone(), reloading)));
            }
        }
    };
    tracing::info!(name: "shutdown.signal", signal = %first, "signal received");
    // From here on no save may open what is about to be closed.
    inner.reload.stop();
    let config = inner.live.current().checked.config().shutdown.clone();
    inner.state.supervisor.stopping(config.timeout.get() + AFTER);
    let force = async {
        signals.next().await;
    };
    let report = inner.state.shutdown.shutdown(&config, &mut LastSteps(&inner), force).await;
    // How it went was said after the telemetry had been flushed.
    inner.state.telemetry.shutdown(LAST_LINE).await;
    report
}

/// Reloads, and tells how that ended: whoever sent the signal has no other answer.
async fn reload(handle: ReloadHandle, mut reloading: Reloading) {
    let outcome = handle.reload().await;
    let generation = handle.history().entries().next().map_or(0, |entry| entry.generation);
    let stays = match outcome {
        Outcome::Rejected { .. } => "; the files hold a fault, see the log",
        Outcome::Applied { .. } | Outcome::Unchanged | Outcome::RolledBack { .. } => "",
    };
    reloading.ends_with(format!("generation {generation} is in force{stays}"));
}

/// What else ends with the process.
struct LastSteps<'a>(&'a Inner);

impl Hooks for LastSteps<'_> {
    fn fail_readiness(&mut self) {
        self.0.state.health.set_draining();
    }

    fn waits(&self, in_flight: u64) {
        self.0.state.supervisor.status(format!("shutting down, {in_flight} requests are under way"));
    }

    async fn close_pools(&mut self, by: Instant) {
        self.0.state.pools.close(by).await;
    }

    async fn flush_telemetry(&mut self, by: Instant) {
        self.0.state.telemetry.shutdown(by.saturating_duration_since(Instant::now())).await;
    }
}
