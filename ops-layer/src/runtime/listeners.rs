//! The listeners of the next generation.

use super::{fault::cannot_bind, side::Side, state::State};
use crate::shutdown::{self, Bound, ListenerSlot, Reserved};
use ops_config::{diagnostic::Violation, section::OpsConfig};
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::OwnedMutexGuard;

/// The key of the listener that takes the service's own requests.
const SERVER: &str = "server.listen";

/// Addresses that are ours from the next commit on, and where no client comes yet.
#[derive(Debug)]
pub(super) struct Places {
    reserved: Vec<Place>,
    serving: OwnedMutexGuard<bool>,
}

/// One of them.
#[derive(Debug)]
struct Place {
    key: &'static str,
    slot: ListenerSlot,
    reserved: Reserved,
    /// Whether the runtime that serves requests listens here too.
    is_traffic: bool,
}

/// Listeners at their new addresses; those whose address stays are not among them.
#[derive(Debug)]
pub(super) struct Listeners {
    bound: Vec<(ListenerSlot, Bound)>,
    /// Keeps `Ops::bind` out until the commit.
    _serving: OwnedMutexGuard<bool>,
}

impl Places {
    /// Takes the addresses a configuration wants; all are tried, so that all faults are told at once.
    pub(super) async fn reserve(state: &State, config: &OpsConfig) -> Result<Self, Vec<Violation>> {
        let serving = Arc::clone(&state.serving).lock_owned().await;
        let metrics = SocketAddr::new(
            config.observability.metrics_host.get(),
            // A port is a `Count<0, 65535>`.
            u16::try_from(config.observability.metrics_port.get()).unwrap_or_default(),
        );
        let mut wanted = vec![
            ("observability.metrics_port", &state.metrics, metrics),
            ("admin.listen", &state.admin, config.admin.listen.get()),
        ];
        if *serving {
            wanted.push((SERVER, &state.server, config.server.listen.get()));
        }
        let moves: Vec<_> = wanted.iter().map(|(_, slot, address)| (*slot, *address)).collect();
        let (mut reserved, mut faults) = (Vec::new(), Vec::new());
        for ((key, slot, address), place) in wanted.iter().zip(shutdown::reserve(&moves).await) {
            match place {
                Ok(Some(place)) => {
                    let is_traffic = *key == SERVER;
                    reserved.push(Place { key, slot: (*slot).clone(), reserved: place, is_traffic });
                }
                Ok(None) => {}
                Err(error) => faults.push(cannot_bind(key, *address, &error)),
            }
        }
        if faults.is_empty() {
            Ok(Self { reserved, serving })
        } else {
            Err(faults)
        }
    }

    /// Lets clients come. The last step of a build: from here on, whoever is let in must be served.
    pub(super) fn listen(self, side: &Side) -> Result<Listeners, Vec<Violation>> {
        let listen = |Place { key, slot, reserved, is_traffic }| {
            // Who serves it must hear of its clients, also where the threads of the service are all busy.
            let _there = if is_traffic { None } else { side.enter() };
            let address = reserved.wanted();
            reserved.listen().map(|bound| (slot, bound)).map_err(|error| vec![cannot_bind(key, address, &error)])
        };
        let bound = self.reserved.into_iter().map(listen).collect::<Result<_, _>>()?;
        Ok(Listeners { bound, _serving: self.serving })
    }
}

impl Listeners {
    /// Puts them in force.
    pub(super) fn commit(self) {
        for (slot, bound) in self.bound {
            slot.commit(bound);
        }
    }
}
