//! A file system has room.

use super::super::{CheckError, CheckFuture, HealthCheck};
use ops_config::value::Name;
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::task::{spawn_blocking, JoinHandle};

/// Asks the system for the bytes that are free at a path.
pub(in super::super) type Ask = Arc<dyn Fn(&Path) -> io::Result<u64> + Send + Sync>;

pub(in super::super) struct Disk {
    name: Name,
    path: PathBuf,
    min_free: u64,
    ask: Ask,
    /// The look that was made last. One that hangs in the system cannot be cut, and holds a thread.
    last: Mutex<Option<JoinHandle<()>>>,
}

impl Disk {
    pub(super) fn new(name: Name, path: PathBuf, min_free: u64) -> Self {
        Self::asking(name, path, min_free, Arc::new(free))
    }

    pub(in super::super) fn asking(name: Name, path: PathBuf, min_free: u64, ask: Ask) -> Self {
        Self { name, path, min_free, ask, last: Mutex::default() }
    }

    /// Begins a look, unless the one before still hangs: another would hold one thread more.
    fn begin(&self) -> Result<tokio::sync::oneshot::Receiver<io::Result<u64>>, CheckError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|last| !last.is_finished()) {
            return Err(CheckError::new(format_args!("{}: the look before has not ended", self.path.display())));
        }
        let (ask, path) = (Arc::clone(&self.ask), self.path.clone());
        let (told, found) = tokio::sync::oneshot::channel();
        // A network file system may hang, and must not take a thread of the runtime with it.
        *last = Some(spawn_blocking(move || drop(told.send(ask(&path)))));
        Ok(found)
    }
}

fn free(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

impl HealthCheck for Disk {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async {
            let found = self.begin()?.await.map_err(CheckError::new)?;
            let free = found.map_err(|error| CheckError::new(format_args!("{}: {error}", self.path.display())))?;
            if free >= self.min_free {
                Ok(())
            } else {
                Err(CheckError::new(format_args!("{free} bytes free, {} wanted", self.min_free)))
            }
        })
    }
}
