//! What a program logs, kept for its test.

use ops_layer::telemetry::log::LogEntry;
use std::{
    io::{self, Write},
    sync::mpsc,
};

/// Where the log goes.
pub(crate) struct Sent(mpsc::Sender<Vec<u8>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where it comes out.
pub(crate) struct Received(mpsc::Receiver<Vec<u8>>);

pub(crate) fn channel() -> (Sent, Received) {
    let (sender, receiver) = mpsc::channel();
    (Sent(sender), Received(receiver))
}

impl Received {
    /// The lines so far.
    pub(crate) fn lines(&self) -> Vec<LogEntry> {
        let text = String::from_utf8(self.0.try_iter().flatten().collect()).expect("UTF-8");
        text.lines().map(|line| line.parse().expect("a line")).collect()
    }
}
