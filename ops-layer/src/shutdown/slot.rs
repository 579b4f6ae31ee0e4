//! The address a listener has now, and how it changes.

use super::{
    bound::Reserved,
    door::{Door, Key},
    Bound,
};
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::Notify;

/// The place of one listener: what it is bound to, and what it shall be bound to next.
///
/// Lives as long as the process. [`super::reserve`] takes the next address, before anything is touched;
/// [`Self::commit`] swaps. The other end, [`Incoming`], goes to [`super::Connections::serve`].
#[derive(Clone, Debug)]
pub struct ListenerSlot {
    shared: Arc<Shared>,
}

/// Where the bound listeners of a [`ListenerSlot`] come out.
#[derive(Debug)]
pub struct Incoming {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: &'static str,
    state: Mutex<State>,
    committed: Notify,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// Committed, not yet taken by the accept loop. Clients may wait at each of them, so none is left out.
    next: VecDeque<Option<Bound>>,
    /// Those before: some are still open, as long as their loop has not let go of them, or none has begun.
    left: Vec<Left>,
    /// Sockets that were handed over, kept open for good: to bind their addresses is not possible meanwhile.
    inherited: Vec<Heirloom>,
}

/// A socket that was opened for us.
#[derive(Debug)]
pub(super) struct Heirloom {
    pub(super) door: Arc<Door>,
    pub(super) local: SocketAddr,
    /// Whether it was meant for this listener and no other.
    pub(super) is_named: bool,
}

#[derive(Debug)]
struct Current {
    door: Arc<Door>,
    key: Key,
    wanted: SocketAddr,
    local: SocketAddr,
}

#[derive(Debug)]
struct Left {
    door: Weak<Door>,
    key: Key,
    local: SocketAddr,
}

impl ListenerSlot {
    /// A slot that is bound to nothing. The name stands in logs.
    #[must_use]
    pub fn new(name: &'static str) -> (Self, Incoming) {
        let shared = Arc::new(Shared { name, state: Mutex::default(), committed: Notify::new() });
        (Self { shared: Arc::clone(&shared) }, Incoming { shared })
    }

    /// The address in force, with the port the system chose; none before the first commit.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.shared.lock().current.as_ref().map(|current| current.local)
    }

    /// Reserves `address`, unless it is the one in force: then there is nothing to do, and none comes back.
    /// Dropping what came back undoes it. For one listener alone; see [`super::reserve`].
    ///
    /// # Errors
    /// When the system refuses the address.
    pub async fn reserve(&self, address: SocketAddr) -> io::Result<Option<Reserved>> {
        let mut only = super::reserve(&[(self, address)]).await;
        // One is asked for, one comes back.
        only.pop().unwrap_or(Ok(None))
    }

    /// Puts a bound listener in force: it accepts from now on; the one before stops, and its connections drain.
    pub fn commit(&self, bound: Bound) {
        let (wanted, local) = (bound.wanted(), bound.local_addr());
        tracing::info!(name: "listener.bound", listener = self.shared.name, address = %local, "listening");
        let mut state = self.shared.lock();
        bound.take_over();
        if let Some(open) = state.inherited.iter().find(|heirloom| {
            state.current.as_ref().is_some_and(|now| now.local == heirloom.local && heirloom.local != local)
        }) {
            tracing::warn!(name: "listener.left_open", listener = self.shared.name, address = %open.local, "clients of a socket that was handed over are not served any more");
        }
        state.replace(Some(Current { door: Arc::clone(bound.door()), key: bound.key(), wanted, local }));
        state.next.push_back(Some(bound));
        drop(state);
        self.shared.committed.notify_one();
    }

    /// Lets go of the address: the listener stops, its connections drain. For a listener that a reload turned off.
    pub fn release(&self) {
        let mut state = self.shared.lock();
        state.replace(None);
        state.next.push_back(None);
        drop(state);
        self.shared.committed.notify_one();
    }

    pub(super) fn name(&self) -> &'static str {
        self.shared.name
    }

    /// Takes a socket that was opened for us, to be served whenever this listener has its address.
    pub(super) fn inherit(&self, heirloom: Heirloom) {
        self.shared.lock().inherited.push(heirloom);
    }

    /// The socket that was handed over for an address. One with this listener's name also fits where the file leaves
    /// the port to the system.
    ///
    /// # Errors
    /// When this is the first address, and there is a socket for this listener, and it has another one: nobody would
    /// ever serve it.
    pub(super) fn inherited(&self, wanted: SocketAddr) -> io::Result<Option<Arc<Door>>> {
        let state = self.shared.lock();
        let fits = |heirloom: &&Heirloom| {
            let is_any_port = heirloom.is_named && wanted.port() == 0 && wanted.ip() == heirloom.local.ip();
            heirloom.local == wanted || is_any_port
        };
        let found = state.inherited.iter().find(fits).map(|heirloom| Arc::clone(&heirloom.door));
        let has_begun = state.current.is_some() || !state.left.is_empty();
        match state.inherited.iter().find(|heirloom| heirloom.is_named) {
            Some(named) if found.is_none() && !has_begun => {
                let other = format!("the socket handed over for it is at {}", named.local);
                Err(io::Error::new(io::ErrorKind::InvalidInput, other))
            }
            _ => Ok(found),
        }
    }

    /// Whether `address` is the one in force, as it was asked for.
    pub(super) fn is_at(&self, address: SocketAddr) -> bool {
        self.shared.lock().current.as_ref().is_some_and(|current| current.wanted == address)
    }

    /// Where it listens.
    pub(super) fn door(&self) -> Option<(Arc<Door>, SocketAddr)> {
        self.shared.lock().current.as_ref().map(|current| (Arc::clone(&current.door), current.local))
    }

    /// Where it listened before, as far as that is still open and nobody has taken it over.
    pub(super) fn left(&self) -> Vec<(Arc<Door>, SocketAddr)> {
        let state = self.shared.lock();
        let open = state.left.iter().filter_map(|left| Some((left.door.upgrade()?, left)));
        open.filter(|(door, left)| door.is_for(left.key)).map(|(door, left)| (door, left.local)).collect()
    }
}

impl State {
    fn replace(&mut self, current: Option<Current>) {
        self.left.retain(|left| left.door.upgrade().is_some_and(|door| door.is_for(left.key)));
        if let Some(before) = std::mem::replace(&mut self.current, current) {
            self.left.push(Left { door: Arc::downgrade(&before.door), key: before.key, local: before.local });
        }
    }
}

impl Incoming {
    /// The name in logs.
    pub(super) fn name(&self) -> &'static str {
        self.shared.name
    }

    /// The next change: a listener to take connections from, or none where the address was let go of.
    pub(super) async fn changed(&mut self) -> Option<Bound> {
        loop {
            if let Some(next) = self.shared.lock().next.pop_front() {
                return next;
            }
            self.shared.committed.notified().await;
        }
    }

    /// The slot lets go of the listener too, so that the port is free when the accept loop ends.
    pub(super) fn close(&mut self) {
        let mut state = self.shared.lock();
        state.current = None;
        state.next.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is one assignment, so a panic elsewhere cannot leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
