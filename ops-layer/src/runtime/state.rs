//! What lives as long as the process and survives every reload.

use super::{side::Side, supervisor::Supervisor};
use crate::{
    breaker::Circuits,
    chaos::Chaos,
    limit::{adaptive::AdaptiveLimit, rate::RateCounts, LoadLimit},
    pool::Pools,
    probe::{CheckError, HealthChecker, PoolPing},
    retry::Retries,
    shutdown::{GracefulShutdown, Incoming, Inherited, ListenerSlot},
    telemetry::{trace::current_trace, Telemetry},
    timeout::Timeouts,
};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// What lives as long as the process.
#[derive(Debug)]
pub(super) struct State {
    pub(super) telemetry: Telemetry,
    pub(super) circuits: Circuits,
    pub(super) load: LoadLimit,
    pub(super) adaptive: AdaptiveLimit,
    pub(super) rates: RateCounts,
    pub(super) timeouts: Timeouts,
    pub(super) retries: Retries,
    pub(super) chaos: Chaos,
    pub(super) pools: Pools,
    pub(super) health: HealthChecker,
    pub(super) shutdown: GracefulShutdown,
    /// Where the metrics and admin listeners are served, and signals heard.
    pub(super) side: Side,
    /// Told how the service is.
    pub(super) supervisor: Supervisor,
    pub(super) metrics: ListenerSlot,
    pub(super) admin: ListenerSlot,
    pub(super) server: ListenerSlot,
    /// Whether `server.listen` is bound. Held locked from the build of a generation to its commit.
    pub(super) serving: Arc<tokio::sync::Mutex<bool>>,
    /// Where the connections of `server.listen` come out, until someone serves them.
    server_incoming: Mutex<Option<Incoming>>,
}

/// Where the connections of each listener come out.
pub(super) struct AllIncoming {
    pub(super) metrics: Incoming,
    pub(super) admin: Incoming,
    pub(super) server: Incoming,
}

impl State {
    pub(super) fn new(telemetry: Telemetry, side: Side, supervisor: Supervisor) -> (Self, AllIncoming) {
        let (metrics, metrics_incoming) = ListenerSlot::new("metrics");
        let (admin, admin_incoming) = ListenerSlot::new("admin");
        let (server, server_incoming) = ListenerSlot::new("server");
        let pools = Pools::in_traces(current_trace);
        let pinged = pools.clone();
        let ping: PoolPing = Arc::new(move |name| {
            let pools = pinged.clone();
            Box::pin(async move { pools.ping(name.as_str()).await.map_err(CheckError::new) })
        });
        let state = Self {
            telemetry,
            circuits: Circuits::new(),
            load: LoadLimit::new(),
            adaptive: AdaptiveLimit::new(),
            rates: RateCounts::new(),
            timeouts: Timeouts::new(),
            retries: Retries::new(),
            chaos: Chaos::new(),
            pools,
            health: HealthChecker::new(env!("CARGO_PKG_VERSION"), ping),
            shutdown: GracefulShutdown::new(),
            side,
            supervisor,
            metrics,
            admin,
            server,
            serving: Arc::default(),
            server_incoming: Mutex::default(),
        };
        (state, AllIncoming { metrics: metrics_incoming, admin: admin_incoming, server: server_incoming })
    }

    /// Gives each listener the sockets that it may serve.
    pub(super) fn inherit(&self, sockets: Inherited) -> io::Result<()> {
        sockets.hand_to(&[&self.server, &self.metrics, &self.admin])
    }

    pub(super) fn keep_server_incoming(&self, incoming: Incoming) {
        *self.server_incoming.lock().unwrap_or_else(PoisonError::into_inner) = Some(incoming);
    }

    pub(super) fn take_server_incoming(&self) -> Option<Incoming> {
        self.server_incoming.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends what runs in the background. For a program that goes on without it.
    pub(super) fn stop(&self) {
        // How many connections that cuts is of no interest any more.
        let _ = self.shutdown.traffic().abort() + self.shutdown.side().abort();
        self.side.stop();
    }
}
