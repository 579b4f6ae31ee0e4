//! A thread for the listeners of metrics, probes and the operator, and for the end of the process.
//!
//! A handler that blocks its thread holds up everything else on the runtime it runs on: other requests, timers, and
//! whatever would say so. Were the probes answered there, an orchestrator would restart a service that is merely
//! busy; were the signals heard there, such a service could not even be told to end. So both have a runtime of their
//! own, on one thread that no handler of the service ever runs on.
//!
//! What runs here asks and answers. What a configuration makes (pools, exporters, checks) is made by the task that
//! reloads, which stays on the program's own runtime; the operator's routes only ask it to.

use std::{io, thread};
use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio_util::sync::CancellationToken;

/// A thread with a runtime of its own, until this is dropped; or none, and then its work is done where it is asked for.
#[derive(Debug)]
pub(super) struct Side {
    handle: Option<Handle>,
    stop: CancellationToken,
}

impl Side {
    /// Starts the thread. A system that has none left still gets a service, with everything on one runtime.
    pub(super) fn start() -> Self {
        let stop = CancellationToken::new();
        let handle = spawn(stop.clone());
        if let Err(error) = &handle {
            tracing::warn!(name: "side.no_thread", error = %error, "probes are answered by the threads of the service");
        }
        Self { handle: handle.ok(), stop }
    }

    /// No thread.
    pub(super) fn none() -> Self {
        Self { handle: None, stop: CancellationToken::new() }
    }

    /// The runtime of the thread.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    /// What is spawned and listened to while this is held, is so on the thread.
    pub(super) fn enter(&self) -> Option<EnterGuard<'_>> {
        self.handle.as_ref().map(Handle::enter)
    }

    /// Ends the thread, and with it all that still runs there.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(stop: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("ops-side".to_owned()).spawn(move || {
        runtime.block_on(stop.cancelled());
        // A page of metrics that hangs must not keep the thread.
        runtime.shutdown_background();
    })?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::Side;
    use std::thread;

    #[test]
    fn what_is_spawned_there_runs_on_its_own_thread_until_it_is_dropped() {
        let side = Side::start();
        let handle = side.handle().expect("the system has a thread").clone();
        let (here, there) = (thread::current().id(), handle.spawn(async { thread::current().id() }));
        let asking = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_ne!(asking.block_on(there).expect("it ran"), here);
        let endless = handle.spawn(std::future::pending::<()>());
        drop(side);
        assert!(asking.block_on(endless).expect_err("it ended with the thread").is_cancelled());
    }
}
