//! A file system has room.

use super::super::{CheckError, CheckFuture, HealthCheck};
use ops_config::value::Name;
use std::path::PathBuf;

pub(super) struct Disk {
    name: Name,
    path: PathBuf,
    min_free: u64,
}

impl Disk {
    pub(super) fn new(name: Name, path: PathBuf, min_free: u64) -> Self {
        Self { name, path, min_free }
    }
}

impl HealthCheck for Disk {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async {
            let path = self.path.clone();
            // A network file system may hang, and must not take a thread of the runtime with it.
            let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&path)).await;
            let found = asked.map_err(CheckError::new)?;
            let found = found.map_err(|error| {
                CheckError::new(format_args!("{}: {}", self.path.display(), std::io::Error::from(error)))
            })?;
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            if free >= self.min_free {
                Ok(())
            } else {
                Err(CheckError::new(format_args!("{free} bytes free, {} wanted", self.min_free)))
            }
        })
    }
}
