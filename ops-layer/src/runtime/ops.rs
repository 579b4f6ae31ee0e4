//! What a program holds.

use super::{fault, serve::ServeError, state::State, OpsLayer, Plan, Server, UnknownName};
use crate::{
    breaker::CircuitBreaker,
    call::Pinned,
    pool::{Driver, Pool, PoolError},
    probe::HealthChecker,
    retry::Retry,
    shutdown::{Incoming, Inherited, Reserved, ShutdownReport},
    stack::{self, StackLayer},
    telemetry::{
        metric::Metrics,
        trace::{ClientLayer, RecentTraces},
        Telemetry,
    },
};
use http::{Request, Response};
use http_body::Body;
use ops_config::{
    diagnostic::Report,
    live::Live,
    reload::{Declined, History, Outcome, ReloadHandle},
    section::OpsConfig,
    source::Sources,
};
use std::{error::Error as StdError, net::SocketAddr, ops::Deref, path::PathBuf, sync::Arc};
use tower::Service;

/// A service's operation, as its `ops.toml` says, live. Cheap to clone; ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Ops {
    pub(super) inner: Arc<Inner>,
}

/// What the clones share.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: Arc<State>,
    pub(super) live: Live<Plan>,
    pub(super) reload: ReloadHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.reload.stop();
        self.state.stop();
    }
}

impl Ops {
    /// Reads, checks and builds what the file says, opens the metrics and admin listeners, and
    /// watches the file. Variables `OPS_…` and `OTEL_…` of the process are read now.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration, or could not be built from it; then nothing runs.
    pub async fn start(file: impl Into<PathBuf>) -> Result<Self, Report> {
        Self::start_from(Sources::from_process(file, Vec::new())).await
    }

    /// As [`Self::start`], with sources of one's own.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_from(sources: Sources) -> Result<Self, Report> {
        Self::start_activated(sources, Inherited::none()).await
    }

    /// As [`Self::start_from`], for a program with a subscriber of its own: it takes
    /// [`telemetry.layer()`](Telemetry::layer) into that, and `observability.logging` and the recording of its spans
    /// work as if there were none. Nothing is installed here.
    ///
    /// ```no_run
    /// use ops_config::source::Sources;
    /// use ops_layer::{telemetry::Telemetry, Ops};
    /// use tracing_subscriber::prelude::*;
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let telemetry = Telemetry::to_stdout();
    /// tracing_subscriber::registry().with(telemetry.layer()).init(); // and the program's own layers
    /// let ops = Ops::start_with(Sources::from_process("ops.toml", Vec::new()), telemetry).await?;
    /// # Ok(())
    /// # }
    /// ```
    /// The examples `own_subscriber` and `own_spans` are whole programs.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(sources: Sources, telemetry: Telemetry) -> Result<Self, Report> {
        Self::begin(sources, telemetry, Inherited::none()).await
    }

    /// The whole stack as a tower layer; it follows the configuration and is made once.
    #[must_use]
    pub fn layer(&self) -> OpsLayer {
        StackLayer::new(self.inner.live.clone())
    }

    /// A tower layer for the clients of other services: it carries the trace of the current request on, and makes a
    /// span of each call where that request is recorded. A client that is no tower service takes
    /// [`Outgoing`](crate::telemetry::trace::Outgoing) instead.
    #[must_use]
    pub fn client_layer(&self) -> ClientLayer {
        self.inner.state.telemetry.client_layer()
    }

    /// The configuration in force; within a request, the one the request was judged by.
    #[must_use]
    pub fn config(&self) -> Config {
        Config(stack::pinned::<Plan>().unwrap_or_else(|| self.inner.live.current()))
    }

    /// The breaker `[breakers.NAME]`, for calls made in code. It follows the configuration.
    ///
    /// # Errors
    /// When the configuration in force has no such breaker.
    pub fn breaker(&self, name: &str) -> Result<CircuitBreaker, UnknownName> {
        let unknown = || UnknownName::new("breakers", name, &self.in_force().breakers);
        self.inner.state.circuits.breaker(name).ok_or_else(unknown)
    }

    /// The retry `[retries.NAME]`, for calls of other services. It follows the configuration.
    ///
    /// # Errors
    /// When the configuration in force has no such retry.
    pub fn retry(&self, name: &str) -> Result<Retry, UnknownName> {
        let unknown = || UnknownName::new("retries", name, &self.in_force().retries);
        self.inner.state.retries.retry(name).ok_or_else(unknown)
    }

    /// The pool `[pools.NAME]`: `ops.pool::<Postgres>("main")`. It follows the configuration, also to another address.
    /// While the address names another kind of database, the handle is refused as [`PoolError::Closed`].
    ///
    /// # Errors
    /// [`PoolError::Unknown`] when the configuration in force has no such pool, [`PoolError::OtherDatabase`] when its
    /// address names another kind of database.
    pub fn pool<DB: Driver>(&self, name: &str) -> Result<Pool<DB>, PoolError> {
        self.inner.state.pools.get::<DB>(name)
    }

    /// Where names are looked up: not what a request was pinned to, which may be older.
    fn in_force(&self) -> Config {
        Config(self.inner.live.current())
    }

    /// The health checks, to which a program adds its own.
    #[must_use]
    pub fn health(&self) -> &HealthChecker {
        &self.inner.state.health
    }

    /// The metrics, to which a program adds its own: see the example `own_metrics`.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        self.inner.state.telemetry.metrics()
    }

    /// The traces that ended last, without a collector; what `GET /traces` of the operator's listener shows.
    /// Reloads leave them alone.
    ///
    /// ```no_run
    /// use ops_layer::{telemetry::trace::TraceFilter, Ops};
    /// use std::time::Duration;
    ///
    /// # fn run(ops: &Ops) {
    /// let slow = TraceFilter { min_duration: Duration::from_millis(250), ..TraceFilter::default() };
    /// for trace in ops.traces().list(&slow) {
    ///     tracing::info!(id = %trace.trace_id, "{} was slow", trace.root_operation);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn traces(&self) -> &RecentTraces {
        self.inner.state.telemetry.recent_traces()
    }

    /// Looks at the file now, as a file event would, and says how that ended.
    pub async fn reload(&self) -> Outcome {
        self.inner.reload.reload().await
    }

    /// Puts the configuration before the one in force in force again, as a new generation. What is given up is not
    /// tried again until the file changes. One after another leads further back, at most eight steps.
    ///
    /// # Errors
    /// When nothing earlier is known.
    pub async fn rollback(&self) -> Result<Outcome, Declined> {
        self.inner.reload.rollback().await
    }

    /// The generations so far, the newest first: what put each in force, what it changed, and what came of its
    /// probation. The last 64 are known.
    #[must_use]
    pub fn history(&self) -> History {
        self.inner.reload.status().history.clone()
    }

    /// The address of `/metrics` and the probes.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.inner.state.metrics.local_addr()
    }

    /// The address of the operator's listener.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.inner.state.admin.local_addr()
    }

    /// Binds `server.listen`, which from now on follows the configuration.
    ///
    /// # Errors
    /// When the address cannot be bound, or is bound already by an earlier call.
    pub async fn bind(&self) -> Result<Server, Report> {
        let state = &self.inner.state;
        // Held over the bind, so that a reload cannot change the address in between.
        let mut serving = state.serving.clone().lock_owned().await;
        let checked = Arc::clone(&self.inner.live.current().checked);
        let wanted = checked.config().server.listen.get();
        let refused = |error| {
            let violation = fault::cannot_bind("server.listen", wanted, &error);
            Report::new(fault::located([violation], &checked), Vec::new())
        };
        let taken = || refused(std::io::ErrorKind::AddrInUse.into());
        let incoming: Incoming = state.take_server_incoming().ok_or_else(taken)?;
        let bound = state.server.reserve(wanted).await.and_then(|place| place.map(Reserved::listen).transpose());
        match bound {
            Ok(Some(bound)) => {
                let address = bound.local_addr();
                state.server.commit(bound);
                *serving = true;
                Ok(Server { ops: self.clone(), incoming, address })
            }
            Ok(None) => Err(taken()),
            Err(error) => {
                state.keep_server_incoming(incoming);
                Err(refused(error))
            }
        }
    }

    /// Serves a service on `server.listen` until the process is told to stop: [`Self::bind`], then [`Server::serve`].
    ///
    /// # Errors
    /// When the address cannot be bound, or signals cannot be listened for.
    pub async fn serve<S, B>(&self, service: S) -> Result<ShutdownReport, ServeError>
    where
        S: Service<Request<hyper::body::Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.bind().await?.serve(service).await
    }
}

/// A configuration in force. Keeps showing the same one, whatever is saved meanwhile.
#[derive(Clone, Debug)]
pub struct Config(Pinned<Plan>);

impl Config {
    /// Counts applied changes; the first is 1.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.seq
    }
}

impl Deref for Config {
    type Target = OpsConfig;

    fn deref(&self) -> &OpsConfig {
        self.0.checked.config()
    }
}
