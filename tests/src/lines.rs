//! What a process writes, read as it comes.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

/// The lines of a stream so far.
#[derive(Debug)]
pub(crate) struct Lines {
    read: Arc<Mutex<Vec<String>>>,
    /// None once it has read to the end.
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let read = Arc::<Mutex<Vec<String>>>::default();
        let sink = Arc::clone(&read);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Self { read, reader: Some(reader) }
    }

    pub(crate) fn so_far(&self) -> Vec<String> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads what is still in the pipe of a process that has ended.
    pub(crate) fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            // A reader that panicked has said so itself.
            let _ = reader.join();
        }
    }
}
