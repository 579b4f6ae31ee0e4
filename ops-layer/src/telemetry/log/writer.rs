//! The thread that writes log lines.
//!
//! A request must never wait for a disk or a terminal. Lines are appended to a
//! buffer under a lock that is held for a copy of a few hundred bytes; a thread
//! takes the buffer whole and writes it. When the reader at the other end stops
//! reading, lines are dropped and counted.

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
/// Bytes a buffer keeps when a burst is over.
const KEPT: usize = 64 << 10;

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
    filled: Condvar,
    drained: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    writing: bool,
    closed: bool,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(output: impl Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let taken = Arc::clone(&shared);
        let started = thread::Builder::new().name("ops-log".to_owned()).spawn(move || taken.write_to(output));
        if started.is_err() {
            // Without a thread every line is dropped, and counted as such.
            shared.lock().closed = true;
        }
        Self { ending: Arc::new(Ending { shared }) }
    }

    fn shared(&self) -> &Shared {
        &self.ending.shared
    }

    /// Appends one line, or drops it when too much waits already.
    pub(crate) fn push(&self, line: &str) {
        let mut queue = self.shared().lock();
        if queue.closed || queue.bytes.len() + line.len() > CAPACITY {
            drop(queue);
            self.shared().dropped.fetch_add(1, Relaxed);
            return;
        }
        let wake = queue.bytes.is_empty();
        queue.bytes.extend_from_slice(line.as_bytes());
        drop(queue);
        if wake {
            self.shared().filled.notify_one();
        }
    }

    /// Waits, on this thread, until what was appended so far is written. False at the deadline.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        let waits = |queue: &mut Queue| !queue.closed && (queue.writing || !queue.bytes.is_empty());
        let queue = self.shared().lock();
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
        self.shared.lock().closed = true;
        self.shared.filled.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut output: impl Write) {
        let mut bytes = Vec::new();
        while self.take(&mut bytes) {
            // An output that fails now may work again later; a log cannot report its own fault.
            let _ = output.write_all(&bytes).and_then(|()| output.flush());
            bytes.clear();
            bytes.shrink_to(KEPT);
            self.lock().writing = false;
            self.drained.notify_all();
        }
    }

    /// Takes what waits, in exchange for an empty buffer. False when there will be no more.
    fn take(&self, bytes: &mut Vec<u8>) -> bool {
        let idle = |queue: &mut Queue| queue.bytes.is_empty() && !queue.closed;
        let mut queue = self.filled.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut queue.bytes, bytes);
        queue.writing = !bytes.is_empty();
        queue.writing
    }
}

#[cfg(test)]
mod tests {
    use super::{Writer, CAPACITY};
    use std::{
        io::{self, Write},
        sync::{mpsc, Arc, Mutex},
        time::Duration,
    };

    const LONG: Duration = Duration::from_secs(10);

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output that takes nothing until its sender is gone.
    struct Stuck(mpsc::Receiver<()>, Kept);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_whole_and_in_order() {
        let kept = Kept::default();
        let writer = Writer::start(kept.clone());
        let lines: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &lines {
            writer.push(line);
        }
        assert!(writer.flush(LONG));
        assert_eq!(*kept.0.lock().expect("not poisoned"), lines.concat().as_bytes());
        assert_eq!(writer.dropped(), 0);
    }

    #[test]
    fn a_stuck_output_blocks_nobody_and_loses_only_what_is_beyond_the_bound() {
        let (release, gate) = mpsc::channel();
        let kept = Kept::default();
        let writer = Writer::start(Stuck(gate, kept.clone()));
        let line = "x".repeat(1023) + "\n";
        let lines = 3 * CAPACITY / line.len();
        (0..lines).for_each(|_| writer.push(&line));
        let dropped = usize::try_from(writer.dropped()).expect("a small number");
        assert!((lines / 3..lines).contains(&dropped), "{dropped} of {lines}");
        assert!(!writer.flush(Duration::from_millis(1)), "it is stuck");
        drop(release);
        assert!(writer.flush(LONG));
        assert_eq!(kept.0.lock().expect("not poisoned").len(), (lines - dropped) * line.len());
    }

    #[test]
    fn the_last_writer_leaves_nothing_unwritten() {
        struct Told(Kept, #[expect(dead_code, reason = "held until the thread ends")] mpsc::Sender<()>);
        impl Write for Told {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (ended, wait) = mpsc::channel();
        let kept = Kept::default();
        let writer = Writer::start(Told(kept.clone(), ended));
        writer.push("a\n");
        drop(writer);
        assert!(matches!(wait.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected)), "the thread has ended");
        assert_eq!(*kept.0.lock().expect("not poisoned"), b"a\n");
    }
}
