//! The address a listener has now, and how it changes.

use super::Bound;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify, time::sleep};

/// How long a listener of ours that has just been replaced may take to let go of its port.
const LETTING_GO: Duration = Duration::from_millis(100);

/// The place of one listener: what it is bound to, and what it shall be bound to next.
///
/// Lives as long as the process. [`Self::prepare`] binds, before anything is touched;
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
    /// Committed, not yet taken by the accept loop.
    next: Option<Bound>,
    /// The one before, until its loop has let go of the port.
    last: Weak<TcpListener>,
}

#[derive(Debug)]
struct Current {
    listener: Arc<TcpListener>,
    wanted: SocketAddr,
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

    /// Binds `address`, unless it is the one in force: then there is nothing to do, and none comes back.
    /// Dropping what came back undoes it.
    ///
    /// # Errors
    /// When the system refuses the address.
    pub async fn prepare(&self, address: SocketAddr) -> io::Result<Option<Bound>> {
        let (ours, last) = {
            let state = self.shared.lock();
            if state.current.as_ref().is_some_and(|current| current.wanted == address) {
                return Ok(None);
            }
            let ours = state.current.as_ref().filter(|current| current.local.port() == address.port());
            (ours.map(|current| Arc::clone(&current.listener)), state.last.clone())
        };
        let mut waited = Duration::ZERO;
        loop {
            match Bound::bind(address) {
                Err(refused) if refused.kind() == io::ErrorKind::AddrInUse => {
                    if let Some(ours) = &ours {
                        return Bound::bind_beside(address, ours).map(Some);
                    }
                    if last.strong_count() == 0 || waited >= LETTING_GO {
                        return Err(refused);
                    }
                    // Back to the address of a moment ago: its loop is just about to close it.
                    let step = Duration::from_millis(2);
                    sleep(step).await;
                    waited += step;
                }
                bound => return bound.map(Some),
            }
        }
    }

    /// Puts a bound listener in force: it accepts from now on; the one before stops, and its connections drain.
    pub fn commit(&self, bound: Bound) {
        let current = Current { listener: Arc::clone(&bound.listener), wanted: bound.wanted, local: bound.local };
        let mut state = self.shared.lock();
        tracing::info!(name: "listener.bound", listener = self.shared.name, address = %bound.local, "listening");
        if let Some(before) = state.current.replace(current) {
            state.last = Arc::downgrade(&before.listener);
        }
        state.next = Some(bound);
        drop(state);
        self.shared.committed.notify_one();
    }

    /// Lets go of the address: the listener stops, its connections drain. For a listener that a reload turned off.
    pub fn release(&self) {
        let mut state = self.shared.lock();
        if let Some(before) = state.current.take() {
            state.last = Arc::downgrade(&before.listener);
        }
        state.next = None;
        drop(state);
        self.shared.committed.notify_one();
    }
}

impl Incoming {
    /// The name in logs.
    pub(super) fn name(&self) -> &'static str {
        self.shared.name
    }

    /// The next change: a listener to take connections from, or none where the address was let go of.
    pub(super) async fn changed(&mut self) -> Option<Bound> {
        self.shared.committed.notified().await;
        self.shared.lock().next.take()
    }

    /// The slot lets go of the listener too, so that the port is free when the accept loop ends.
    pub(super) fn close(&mut self) {
        let mut state = self.shared.lock();
        state.current = None;
        state.next = None;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is one assignment, so a panic elsewhere cannot leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
