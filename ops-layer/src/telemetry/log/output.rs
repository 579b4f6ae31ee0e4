//! Where log lines go, and what may go wrong there.
//!
//! A full disk fails and may work again later. An output that does not block may be full for
//! a moment: the mode is of the open file, so whoever shares a pipe or a terminal with this
//! process sets it for both. That is waited for, as a blocking write would. An output that
//! panics is let alone for good: a program whose panics are logged would feed it for ever.

use std::{
    io::{self, ErrorKind, Write},
    panic::{catch_unwind, AssertUnwindSafe},
    time::Duration,
};

/// How long a full output is waited for before it is tried again, at first and at most.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

/// Where lines go.
#[derive(Debug)]
pub(super) struct Output<W> {
    inner: W,
    /// The last write ended within a line.
    is_torn: bool,
    /// It panicked.
    is_broken: bool,
}

impl<W: Write> Output<W> {
    pub(super) const fn new(inner: W) -> Self {
        Self { inner, is_torn: false, is_broken: false }
    }

    /// Writes whole lines; how many of them were not written, or not whole. `wait` waits for so long while
    /// the output is full, or says no: then what is left is lost.
    pub(super) fn write(&mut self, lines: &[u8], wait: &mut impl FnMut(Duration) -> bool) -> u64 {
        // The rest of a torn line is gone; what follows must not look like it.
        self.is_torn = self.is_torn && self.put(b"\n", wait) == 0;
        let written = if self.is_torn { 0 } else { self.put(lines, wait) };
        let _ = self.attempt(wait, W::flush);
        self.is_torn |= written > 0 && lines.get(written - 1) != Some(&b'\n');
        let rest = &lines[written..];
        // A line that lacks only its break is whole: the break comes with the next.
        let rest = rest.strip_prefix(b"\n").filter(|_| written > 0).unwrap_or(rest);
        rest.split(|byte| *byte == b'\n').skip(1).count() as u64
    }

    /// Writes until all is written or it fails; how much was.
    fn put(&mut self, bytes: &[u8], wait: &mut impl FnMut(Duration) -> bool) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            let rest = &bytes[written..];
            match self.attempt(wait, |inner| inner.write(rest)) {
                Some(taken @ 1..) => written += taken.min(rest.len()),
                Some(0) | None => break,
            }
        }
        written
    }

    /// Tries until the output is neither interrupted nor full. None where it failed.
    fn attempt<R>(
        &mut self,
        wait: &mut impl FnMut(Duration) -> bool,
        mut work: impl FnMut(&mut W) -> io::Result<R>,
    ) -> Option<R> {
        let mut pause = SHORTEST;
        while !self.is_broken {
            match catch_unwind(AssertUnwindSafe(|| work(&mut self.inner))) {
                Ok(Ok(result)) => return Some(result),
                Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Ok(Err(error)) if error.kind() == ErrorKind::WouldBlock && wait(pause) => {
                    pause = (pause * 2).min(LONGEST);
                }
                Ok(Err(_)) => return None,
                Err(_) => self.is_broken = true,
            }
        }
        None
    }
}
