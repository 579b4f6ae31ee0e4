//! The start: from sources to something that runs.

use super::{
    build::Builder,
    exposition::renderer,
    ops::{Inner, Ops},
    side::Side,
    state::State,
    supervisor::Supervisor,
};
use crate::{
    admin::{self, Mechanisms},
    shutdown::Inherited,
    telemetry::{Installed, Telemetry},
};
use ops_config::{
    diagnostic::{Code, KeyPath, Origin, Report, Text, Violation},
    reload,
    source::Sources,
};
use std::{io, sync::Arc};

impl Ops {
    /// As [`Self::start_from`], with listening sockets that were opened for the process: see [`Inherited`].
    ///
    /// A listener whose address one of them has is served from it. A save that moves the listener away binds the new
    /// address as ever, and one that moves it back finds the socket again; meanwhile whoever opened the socket keeps
    /// it open, and clients that go there wait.
    ///
    /// # Errors
    /// As [`Self::start`](Ops::start); also when a socket is meant for a listener that has another address.
    pub async fn start_activated(sources: Sources, sockets: Inherited) -> Result<Self, Report> {
        let telemetry = Telemetry::to_stdout();
        if telemetry.install() == Installed::Elsewhere {
            tracing::warn!(name: "log.left_alone", "observability.logging has no effect: the program has a subscriber of its own");
        }
        Self::begin(sources, telemetry, sockets).await
    }

    /// The start, whatever came before it.
    pub(super) async fn begin(sources: Sources, telemetry: Telemetry, sockets: Inherited) -> Result<Self, Report> {
        let (state, incoming) = State::new(telemetry, Side::start(), Supervisor::of_process());
        let state = Arc::new(state);
        state.inherit(sockets).map_err(|error| cannot_take(&error))?;
        let running = reload::start(sources, Builder::new(Arc::clone(&state))).await?;
        let (live, reload) = (running.live, running.handle);
        let render = renderer(&state, &live, &reload);
        let recent = state.telemetry.recent_traces().clone();
        let there = state.side.enter();
        let side = state.shutdown.side();
        side.serve(incoming.metrics, admin::probe_routes(state.health.clone(), render));
        let mechanisms =
            Mechanisms { circuits: state.circuits.clone(), pools: state.pools.clone(), health: state.health.clone() };
        side.serve(incoming.admin, admin::operator_routes(live.clone(), reload.clone(), recent, mechanisms));
        drop(there);
        state.keep_server_incoming(incoming.server);
        Ok(Self { inner: Arc::new(Inner { state, live, reload }) })
    }
}

/// The sockets that were handed over cannot be used at all.
fn cannot_take(error: &io::Error) -> Report {
    let violation = Violation {
        code: Code::Bind,
        key: KeyPath::from_iter(["server", "listen"]),
        origin: Origin::Default,
        found: Some(format!("a socket that was handed over: {error}")),
        expected: "sockets that listen for connections".to_owned(),
        help: Some("correct the socket unit".to_owned()),
        notes: Vec::new(),
    };
    Report::new(vec![violation], Vec::<Text>::new())
}
