//! The thread that writes log lines.
//!
//! A request must never wait for a disk or a terminal. Lines are appended to a
//! buffer under a lock that is held for a copy of a few hundred bytes; a thread
//! takes the buffer whole and writes it. When the reader at the other end stops
//! reading, lines are dropped and counted, and once there is room again a line
//! says how many.
//!
//! To wake a thread costs more than to make a line. So the writer, once it has
//! written, lets lines gather for a moment before it looks again: under load
//! nobody has to wake it, and one write takes many lines.

use super::output::Output;
use std::{
    io::Write,
    mem,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
    },
    thread,
    time::Duration,
};

/// Bytes that wait to be written; lines beyond are dropped.
const CAPACITY: usize = 1 << 20;
/// Bytes that are written without letting more gather.
const FULL: usize = CAPACITY / 4;
/// Bytes a buffer keeps when a burst is over.
const KEPT: usize = 64 << 10;
/// How long lines gather; so much later than it was logged a line is seen.
const GATHER: Duration = Duration::from_millis(10);
/// How long a full output is still waited for when the last writer is gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes lines in order, on a thread of its own. Clones write to the same place.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    ending: Arc<Ending>,
}

/// Ends the thread, once it has written what is left, when the last writer is gone.
#[derive(Debug)]
struct Ending {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is something to be written at once.
    filled: Condvar,
    drained: Condvar,
    dropped: AtomicU64,
}

/// What the thread that writes does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writing {
    /// It waits to be woken.
    #[default]
    Asleep,
    /// It lets lines gather, and looks by itself.
    Gathering,
    /// It writes what it has taken.
    Busy,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// Bytes ever appended, and of those the ones that are written, or lost in the attempt.
    appended: u64,
    settled: u64,
    writing: Writing,
    /// Somebody waits for what is here.
    is_urgent: bool,
    is_closed: bool,
    /// Lines dropped of which nothing is said yet.
    untold: u64,
}

impl Queue {
    /// Whether what is here should be written now.
    fn is_due(&self) -> bool {
        self.is_closed || self.is_urgent || self.bytes.len() >= FULL
    }
}

impl Writer {
    /// Starts the thread. `notice` makes the line that says how many were dropped.
    pub(crate) fn start(output: impl Write + Send + 'static, notice: impl Fn(u64) -> String + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let taken = Arc::clone(&shared);
        let output = Output::new(output);
        let started = thread::Builder::new().name("ops-log".to_owned()).spawn(move || taken.write_to(output, notice));
        if started.is_err() {
            // Without a thread every line is dropped, and counted as such.
            shared.lock().is_closed = true;
        }
        Self { ending: Arc::new(Ending { shared }) }
    }

    fn shared(&self) -> &Shared {
        &self.ending.shared
    }

    /// Appends one line, or drops it when too much waits already.
    pub(crate) fn push(&self, line: &str) {
        let mut queue = self.shared().lock();
        if queue.is_closed || queue.bytes.len() + line.len() > CAPACITY {
            queue.untold += 1;
            drop(queue);
            self.shared().dropped.fetch_add(1, Relaxed);
            return;
        }
        let was_full = queue.bytes.len() >= FULL;
        queue.bytes.extend_from_slice(line.as_bytes());
        queue.appended += line.len() as u64;
        let wake = match queue.writing {
            // Woken once: what comes before it is up finds it awake.
            Writing::Asleep => {
                queue.writing = Writing::Gathering;
                true
            }
            Writing::Gathering => queue.bytes.len() >= FULL && !was_full,
            Writing::Busy => false,
        };
        drop(queue);
        if wake {
            self.shared().filled.notify_one();
        }
    }

    /// Waits, on this thread, until what was appended so far is written, whatever others append meanwhile.
    /// False at the deadline.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        let mut queue = self.shared().lock();
        let end = queue.appended;
        let waits = |queue: &mut Queue| queue.settled < end;
        if waits(&mut queue) {
            queue.is_urgent = true;
            self.shared().filled.notify_one();
        }
        let (_queue, result) =
            self.shared().drained.wait_timeout_while(queue, deadline, waits).unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }

    /// Lines dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.shared().dropped.load(Relaxed)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.filled.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut output: Output<impl Write>, notice: impl Fn(u64) -> String) {
        let mut bytes = Vec::new();
        let mut is_first = true;
        let mut patience = PATIENCE;
        let mut wait = |pause: Duration| {
            if self.lock().is_closed {
                let Some(left) = patience.checked_sub(pause) else { return false };
                patience = left;
            }
            thread::park_timeout(pause);
            true
        };
        while let Some(untold) = self.take(&mut bytes, is_first) {
            is_first = false;
            let taken = bytes.len() as u64;
            // They were dropped because of what was taken now, so this is their place.
            let notice = if untold > 0 { notice(untold) } else { String::new() };
            bytes.extend_from_slice(notice.as_bytes());
            // An output that fails now may work again later; a log cannot report its own fault.
            let lost = output.write(&bytes, &mut wait);
            bytes.clear();
            bytes.shrink_to(KEPT);
            let mut queue = self.lock();
            queue.writing = Writing::Gathering;
            queue.settled += taken;
            if lost > 0 {
                // The notice, which comes last, is not one of them.
                let lost = lost - u64::from(!notice.is_empty());
                queue.untold += untold + lost;
                self.dropped.fetch_add(lost, Relaxed);
            }
            drop(queue);
            self.drained.notify_all();
        }
    }

    /// Takes what waits, in exchange for an empty buffer, and how many lines were dropped meanwhile.
    /// None when there will be no more.
    fn take(&self, bytes: &mut Vec<u8>, is_first: bool) -> Option<u64> {
        let mut queue = self.lock();
        if !is_first {
            let waits = |queue: &mut Queue| !queue.is_due();
            let gathered = self.filled.wait_timeout_while(queue, GATHER, waits);
            queue = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        if queue.bytes.is_empty() && !queue.is_closed {
            queue.writing = Writing::Asleep;
            let idle = |queue: &mut Queue| queue.bytes.is_empty() && !queue.is_closed;
            queue = self.filled.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
        }
        queue.is_urgent = false;
        if queue.bytes.is_empty() {
            return None;
        }
        mem::swap(&mut queue.bytes, bytes);
        queue.writing = Writing::Busy;
        Some(mem::take(&mut queue.untold))
    }
}

#[cfg(test)]
mod tests;
