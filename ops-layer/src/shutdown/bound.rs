//! A listener that is bound and not yet in use.

use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::{TcpListener, TcpSocket};

/// How many connections the kernel keeps for us while we are busy.
pub(super) const BACKLOG: u32 = 1024;

/// A listener that is bound and not yet in use. Connections already queue up in the kernel.
#[derive(Debug)]
pub struct Bound {
    pub(super) listener: Arc<TcpListener>,
    pub(super) wanted: SocketAddr,
    pub(super) local: SocketAddr,
}

impl Bound {
    /// Binds an address. Port 0 lets the system choose.
    ///
    /// # Errors
    /// When the system refuses: the port is in use, the address is not ours, a low port needs a privilege.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::open(address, false)
    }

    /// Binds an address whose port a listener of ours holds on an overlapping address, such as
    /// `0.0.0.0:8080` beside `127.0.0.1:8080`. Both sockets ask to share the port for the length of this
    /// call only. Linux may remember it as shared all the same, but only for sockets of the same user that
    /// ask to share too; a second process of ours does not, and is refused as ever.
    pub(super) fn bind_beside(address: SocketAddr, ours: &TcpListener) -> io::Result<Self> {
        rustix::net::sockopt::set_socket_reuseport(ours, true)?;
        let bound = Self::open(address, true);
        let unshared = rustix::net::sockopt::set_socket_reuseport(ours, false);
        let bound = bound?;
        unshared?;
        rustix::net::sockopt::set_socket_reuseport(&*bound.listener, false)?;
        Ok(bound)
    }

    fn open(address: SocketAddr, share: bool) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Connections of a process that just ended linger in TIME_WAIT and must not keep us from the port.
        socket.set_reuseaddr(true)?;
        if share {
            rustix::net::sockopt::set_socket_reuseport(&socket, true)?;
        }
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let local = listener.local_addr()?;
        Ok(Self { listener: Arc::new(listener), wanted: address, local })
    }

    /// The address, with the port the system chose.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }
}
