//! Listening sockets that whoever started the process has opened for it: systemd's socket activation.
//!
//! Such a socket stays open while the service is restarted, so that no client is turned away, and may have a port that
//! the service itself has no right to. What listens where is still said by `ops.toml`: a socket serves the listener
//! whose address it has. `FileDescriptorName=` says whose it is meant to be (`server`, `metrics`, `admin`), and then
//! a start with another address in the file is refused, or clients would wait at a socket that nobody serves.

use super::{door::Door, slot::Heirloom, ListenerSlot};
use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;
use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

/// Listening sockets that were handed over.
#[derive(Debug, Default)]
pub struct Inherited {
    pub(super) sockets: Vec<Socket>,
}

#[derive(Debug)]
pub(super) struct Socket {
    /// What `FileDescriptorName=` says; systemd writes the unit's name where it says nothing.
    pub(super) name: String,
    pub(super) local: SocketAddr,
    pub(super) listener: TcpListener,
}

impl Inherited {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes the sockets that `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` speak of (`sd_listen_fds(3)`); none
    /// where they are not set, or are meant for another process. For the begin of `main`, before there is a runtime:
    /// the variables are taken out of the environment, which belongs to all threads, so that no child takes the
    /// sockets for its own.
    ///
    /// # Errors
    /// When what was handed over cannot be what the variables say, or is no socket that listens for TCP connections.
    pub fn take() -> io::Result<Self> {
        let names: Vec<String> = sd_notify::listen_fds_with_names()?.map(|(_, name)| name).collect();
        if names.is_empty() {
            return Ok(Self::none());
        }
        let mut handed = ListenFd::from_env();
        let mut sockets = Vec::with_capacity(names.len());
        for (index, name) in names.into_iter().enumerate() {
            let unfit = |what: &str| io::Error::other(format!("the socket handed over as \"{name}\" {what}"));
            let listener = handed.take_tcp_listener(index).map_err(|_| unfit("is no TCP socket"))?;
            let listener = listener.ok_or_else(|| unfit("is missing"))?;
            if !socket_acceptconn(&listener)? {
                return Err(unfit("does not listen; a socket unit must not say Accept=yes"));
            }
            listener.set_nonblocking(true)?;
            sockets.push(Socket { local: listener.local_addr()?, name, listener });
        }
        Ok(Self { sockets })
    }

    /// Sockets that are listened on, with the names they were handed over by.
    ///
    /// # Errors
    /// When the system does not tell about one.
    pub fn of(sockets: impl IntoIterator<Item = (String, TcpListener)>) -> io::Result<Self> {
        let socket = |(name, listener): (String, TcpListener)| {
            listener.set_nonblocking(true)?;
            Ok(Socket { local: listener.local_addr()?, name, listener })
        };
        Ok(Self { sockets: sockets.into_iter().map(socket).collect::<io::Result<_>>()? })
    }

    /// Gives them to the listeners they are for; one with the name of none of them to all. Within a Tokio runtime.
    ///
    /// # Errors
    /// When the system does not let us wait for connections there.
    pub fn hand_to(self, slots: &[&ListenerSlot]) -> io::Result<()> {
        for Socket { name, local, listener } in self.sockets {
            let door = Arc::new(Door::new(tokio::net::TcpListener::from_std(listener)?));
            let named = slots.iter().find(|slot| slot.name() == name);
            let heirs = named.map_or(slots, std::slice::from_ref);
            let is_named = named.is_some();
            tracing::info!(name: "listener.inherited", socket = %name, address = %local, "a socket was handed over");
            for slot in heirs {
                slot.inherit(Heirloom { door: Arc::clone(&door), local, is_named });
            }
        }
        Ok(())
    }
}
