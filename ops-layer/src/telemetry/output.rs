//! For tests: what was logged, kept in memory.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex},
};

/// Keeps what is written. Clones keep it in the same place.
#[derive(Clone, Debug, Default)]
pub(super) struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// What was written since it was last taken.
    pub(super) fn take(&self) -> String {
        String::from_utf8(mem::take(&mut *self.0.lock().expect("not poisoned"))).expect("UTF-8")
    }

    /// The same as lines, each of them JSON.
    pub(super) fn lines(&self) -> Vec<serde_json::Value> {
        self.take().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
