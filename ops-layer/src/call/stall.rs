//! A response body that makes no progress, and who can let go of it.
//!
//! A body that nobody polls can do nothing for itself: over HTTP/1.1 the socket is full, over HTTP/2 the window
//! is, and hyper asks for no further frame. What can be dropped from outside is the task that holds the body: the
//! connection, or the stream of HTTP/2. So the body only leaves word here, on the thread that polls it, of how
//! long it may rest; its holder finds that after the poll, and lets go of everything when the time is up. A body
//! that is through within one poll costs neither a timer nor a look at the clock.

use std::{
    cell::RefCell,
    mem,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::Duration,
};

thread_local! {
    /// What is held by the task that is being polled on this thread; none where nobody could let go of it.
    static HELD: RefCell<Option<Slot>> = const { RefCell::new(None) };
}

/// How long a body may rest.
#[derive(Clone, Debug)]
pub struct Rest {
    /// Without progress for so long it is cut.
    pub within: Duration,
    /// Otherwise it is only counted.
    pub enforced: bool,
    /// What counts it.
    pub stalls: Stalls,
}

/// A body that is held.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How long it may rest.
    pub rest: Rest,
    /// Its holder has not seen it yet.
    pub is_new: bool,
    /// Since its holder last looked, a frame was taken.
    pub has_moved: bool,
    /// Its last frame was taken; it may not have been sent.
    pub has_ended: bool,
}

/// What a holder keeps of its body from poll to poll.
pub type Slot = Option<Watch>;

/// Bodies that made no progress. Cheap to clone; every clone is the same count.
#[derive(Clone, Debug, Default)]
pub struct Stalls {
    counts: Arc<StallCounts>,
}

#[derive(Debug, Default)]
struct StallCounts {
    cut: AtomicU64,
    would_cut: AtomicU64,
}

/// The numbers of bodies that made no progress, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StallSnapshot {
    /// Bodies cut.
    pub cut: u64,
    /// Bodies let go on that would have been cut were the mode `enforce`.
    pub would_cut: u64,
}

impl Stalls {
    /// The numbers now.
    #[must_use]
    pub fn snapshot(&self) -> StallSnapshot {
        StallSnapshot {
            cut: self.counts.cut.load(Ordering::Relaxed),
            would_cut: self.counts.would_cut.load(Ordering::Relaxed),
        }
    }
}

impl Rest {
    /// Counts a body that rested too long. Whether it is to be cut.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let counts = &self.stalls.counts;
        let counter = if self.enforced { &counts.cut } else { &counts.would_cut };
        counter.fetch_add(1, Ordering::Relaxed);
        self.enforced
    }
}

/// Puts what was there before back in its place, also when a poll panics.
struct Restore(Option<Slot>);

impl Restore {
    fn swap(&mut self) {
        HELD.with_borrow_mut(|held| mem::swap(held, &mut self.0));
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        self.swap();
    }
}

/// Runs `work` for a task that holds a body, and takes note in `slot` of what became of it.
pub fn holding<T>(slot: &mut Slot, work: impl FnOnce() -> T) -> T {
    let mut restore = Restore(Some(slot.take()));
    restore.swap();
    let result = work();
    HELD.with_borrow_mut(|held| *slot = held.take().flatten());
    drop(restore);
    result
}

/// A body begins. Whether somebody holds it who can let go of it.
#[must_use]
pub fn began(rest: &Rest) -> bool {
    HELD.with_borrow_mut(|held| {
        let Some(slot) = held else { return false };
        *slot = Some(Watch { rest: rest.clone(), is_new: true, has_moved: true, has_ended: false });
        true
    })
}

/// A frame of the body was taken.
pub fn progressed() {
    HELD.with_borrow_mut(|held| {
        if let Some(Some(watch)) = held {
            watch.has_moved = true;
        }
    });
}

/// The last frame was taken, or the body is dropped. At the end of a thread there may be nobody to tell.
pub fn ended() {
    let _ = HELD.try_with(|held| {
        if let Ok(Some(Some(watch))) = held.try_borrow_mut().as_deref_mut() {
            (watch.has_moved, watch.has_ended) = (true, true);
        }
    });
}
