//! A listening socket, and who may take connections from it.

use std::{
    future::poll_fn,
    io,
    os::fd::AsFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Handle, Id},
};

/// A listening socket that can change hands without being closed.
///
/// Only one accept loop at a time holds the key that fits. From the moment another has it, not one
/// connection more goes to the loop before, so a client never meets the service that has moved away.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    /// The runtime that hears of connections: one whose threads are busy keeps the news from everyone.
    home: Id,
    lock: Arc<Mutex<Lock>>,
}

#[derive(Debug, Default)]
struct Lock {
    made: u64,
    fits: Option<Key>,
}

/// What a loop needs to take connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64);

impl Door {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, home: Handle::current().id(), lock: Arc::default() }
    }

    /// The same door, with the same lock, heard of by the runtime that is entered now.
    pub(super) fn here(self: Arc<Self>) -> io::Result<Arc<Self>> {
        let here = Handle::current().id();
        if here == self.home {
            return Ok(self);
        }
        let socket = std::net::TcpListener::from(self.listener.as_fd().try_clone_to_owned()?);
        let listener = TcpListener::from_std(socket)?;
        Ok(Arc::new(Self { listener, home: here, lock: Arc::clone(&self.lock) }))
    }

    pub(super) const fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// A key that does not fit yet.
    pub(super) fn new_key(&self) -> Key {
        let mut lock = self.lock();
        lock.made += 1;
        Key(lock.made)
    }

    /// From now on this key fits, and no other.
    pub(super) fn change_to(&self, key: Key) {
        self.lock().fits = Some(key);
    }

    /// Whether this key fits.
    pub(super) fn is_for(&self, key: Key) -> bool {
        self.lock().fits == Some(key)
    }

    /// The next connection; none once the key does not fit.
    pub(super) async fn accept(&self, key: Key) -> Option<io::Result<TcpStream>> {
        poll_fn(|cx| {
            // Held while the kernel is asked: otherwise a connection could be taken that came after the change.
            // The listener wakes only who asked last, and that is who holds the key.
            let lock = self.lock();
            if lock.fits != Some(key) {
                return Poll::Ready(None);
            }
            self.listener.poll_accept(cx).map_ok(|(stream, _)| stream).map(Some)
        })
        .await
    }

    /// The connection that waits longest in the kernel's queue; none once the key does not fit.
    ///
    /// Asks the kernel itself: tokio says "none" also when the task has used up its turn, or when the
    /// news of a connection has not reached it yet.
    pub(super) fn waiting(&self, key: Key) -> Option<io::Result<TcpStream>> {
        use rustix::net::{accept_with, SocketFlags};
        let lock = self.lock();
        if lock.fits != Some(key) {
            return None;
        }
        let stream = accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC);
        Some(stream.map_err(io::Error::from).and_then(|stream| TcpStream::from_std(stream.into())))
    }

    /// Lets the kernel's queue grow no more; what waits in it is still to be taken. Not to be undone: this is
    /// for a process that ends.
    pub(super) fn narrow(&self) {
        // Where the system refuses, the queue is as long as before.
        let _ = rustix::net::listen(&self.listener, 0);
    }

    fn lock(&self) -> MutexGuard<'_, Lock> {
        // Every change is one assignment, so a panic elsewhere cannot leave it half done.
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
