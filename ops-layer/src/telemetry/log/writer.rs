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
    writing: Writing,
    /// Somebody waits until all is written.
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
        let output = Output { inner: output, is_torn: false };
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

    /// Waits, on this thread, until what was appended so far is written. False at the deadline.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        let waits = |queue: &mut Queue| {
            queue.is_urgent = !queue.is_closed && (queue.writing == Writing::Busy || !queue.bytes.is_empty());
            queue.is_urgent
        };
        let mut queue = self.shared().lock();
        if waits(&mut queue) {
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
        while let Some(untold) = self.take(&mut bytes, is_first) {
            is_first = false;
            // They were dropped because of what was taken now, so this is their place.
            let notice = if untold > 0 { notice(untold) } else { String::new() };
            bytes.extend_from_slice(notice.as_bytes());
            // An output that fails now may work again later; a log cannot report its own fault.
            let lost = output.write(&bytes);
            bytes.clear();
            bytes.shrink_to(KEPT);
            let mut queue = self.lock();
            queue.writing = Writing::Gathering;
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

/// Where lines go.
struct Output<W> {
    inner: W,
    /// The last write ended within a line.
    is_torn: bool,
}

impl<W: Write> Output<W> {
    /// Writes whole lines; how many of them were not written, or not whole.
    fn write(&mut self, lines: &[u8]) -> u64 {
        let mut rest = lines;
        // The rest of a torn line is gone; what follows must not look like it.
        let mut failed = self.is_torn && self.inner.write_all(b"\n").is_err();
        self.is_torn &= failed;
        while !rest.is_empty() && !failed {
            match self.inner.write(rest) {
                Ok(0) => failed = true,
                Ok(written) => rest = &rest[written.min(rest.len())..],
                Err(error) => failed = error.kind() != std::io::ErrorKind::Interrupted,
            }
        }
        let _ = self.inner.flush();
        let written = lines.len() - rest.len();
        self.is_torn |= written > 0 && lines.get(written - 1) != Some(&b'\n');
        // A line that lacks only its break is whole: the break comes with the next.
        let rest = rest.strip_prefix(b"\n").filter(|_| written > 0).unwrap_or(rest);
        rest.split(|byte| *byte == b'\n').skip(1).count() as u64
    }
}

#[cfg(test)]
mod tests;
