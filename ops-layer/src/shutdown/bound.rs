//! An address on its way to being listened on.

use super::door::{Door, Key};
use rustix::net::sockopt::set_socket_reuseport;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::{TcpSocket, TcpStream};

/// How many connections the kernel keeps for us while we are busy.
pub(super) const BACKLOG: u32 = 1024;

/// An address that no other program can take any more, and where nobody listens yet on our behalf.
///
/// Where listeners of ours hold its port on overlapping addresses, it is shared with them alone, and only while
/// it is bound. A program of the same user that asks the system to share ports could come between there.
///
/// Clients do not come here before [`Self::listen`]: what is dropped instead takes no connection with it.
#[derive(Debug)]
pub struct Reserved {
    wanted: SocketAddr,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A socket of its own; and the doors of ours that hold its port on overlapping addresses.
    Socket(TcpSocket, Vec<Arc<Door>>),
    /// Where another listener of ours has listened until now.
    Door(Arc<Door>),
}

/// A listener that is bound and not yet in use. Connections already queue up in the kernel.
#[derive(Debug)]
pub struct Bound {
    door: Arc<Door>,
    key: Key,
    wanted: SocketAddr,
    local: SocketAddr,
}

impl Reserved {
    /// An address that nobody holds. Port 0 lets the system choose.
    pub(super) fn free(wanted: SocketAddr) -> io::Result<Self> {
        let socket = socket(wanted)?;
        socket.bind(wanted)?;
        Ok(Self { wanted, place: Place::Socket(socket, Vec::new()) })
    }

    /// An address whose port listeners of ours hold on overlapping addresses, such as `0.0.0.0:8080`
    /// beside `127.0.0.1:8080`.
    pub(super) fn beside(wanted: SocketAddr, ours: Vec<Arc<Door>>) -> io::Result<Self> {
        let socket = sharing(&ours, || {
            let socket = socket(wanted)?;
            set_socket_reuseport(&socket, true)?;
            socket.bind(wanted)?;
            Ok(socket)
        })?;
        Ok(Self { wanted, place: Place::Socket(socket, ours) })
    }

    /// An address just as another listener of ours leaves it.
    pub(super) const fn handed(wanted: SocketAddr, door: Arc<Door>) -> Self {
        Self { wanted, place: Place::Door(door) }
    }

    /// The address as it was asked for.
    #[must_use]
    pub const fn wanted(&self) -> SocketAddr {
        self.wanted
    }

    /// Lets connections queue up, for whoever is on the Tokio runtime that is entered now.
    ///
    /// # Errors
    /// When the system refuses: somebody listens there since just now.
    pub fn listen(self) -> io::Result<Bound> {
        let wanted = self.wanted;
        let door = match self.place {
            Place::Door(door) => door.here()?,
            Place::Socket(socket, ours) if ours.is_empty() => Arc::new(Door::new(socket.listen(BACKLOG)?)),
            Place::Socket(socket, ours) => {
                let listener = sharing(&ours, || socket.listen(BACKLOG))?;
                set_socket_reuseport(&listener, false)?;
                Arc::new(Door::new(listener))
            }
        };
        let local = door.listener().local_addr()?;
        Ok(Bound { key: door.new_key(), door, wanted, local })
    }
}

impl Bound {
    /// Binds an address that nobody holds. Port 0 lets the system choose.
    ///
    /// # Errors
    /// When the system refuses: the port is in use, the address is not ours, a low port needs a privilege.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        Reserved::free(address)?.listen()
    }

    /// The address, with the port the system chose.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The address as it was asked for.
    pub(super) const fn wanted(&self) -> SocketAddr {
        self.wanted
    }

    pub(super) const fn door(&self) -> &Arc<Door> {
        &self.door
    }

    pub(super) const fn key(&self) -> Key {
        self.key
    }

    /// From now on the connections are this one's.
    pub(super) fn take_over(&self) {
        self.door.change_to(self.key);
    }

    /// The next connection; none once another has taken over.
    pub(super) async fn accept(&self) -> Option<io::Result<TcpStream>> {
        self.door.accept(self.key).await
    }

    /// Lets no more connections wait than do already, at the end of the process.
    pub(super) fn narrow(&self) {
        self.door.narrow();
    }

    /// The connection that waits longest; none once another has taken over.
    pub(super) fn waiting(&self) -> Option<io::Result<TcpStream>> {
        self.door.waiting(self.key)
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of a process that just ended linger in TIME_WAIT and must not keep us from the port.
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

/// Does something while listeners of ours share their ports. Linux may remember the port as shared all the
/// same, but only for sockets of the same user that ask to share too; a second process of ours does not, and
/// is refused as ever.
fn sharing<T>(ours: &[Arc<Door>], work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let share = |on| ours.iter().try_for_each(|door| set_socket_reuseport(door.listener(), on));
    share(true)?;
    let done = work();
    share(false)?;
    done
}
