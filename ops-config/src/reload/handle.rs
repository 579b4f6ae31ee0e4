//! What a running driver can be asked.

use super::{fault, status::Board, Outcome, Status};
use crate::live::{Generation, Live};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::{mpsc, oneshot, watch};

/// What is asked of a driver, and who waits for the outcome.
#[derive(Debug)]
pub(super) enum Ask {
    /// Look at the files.
    Reload(oneshot::Sender<Outcome>),
}

/// A configuration in force, kept so.
#[derive(Debug)]
pub struct Running<P> {
    /// Reads what is in force.
    pub live: Live<P>,
    /// Asks for reloads, and says how they went.
    pub handle: ReloadHandle,
}

/// Asks for reloads, and says how they went.
///
/// The files are watched until [`stop`](Self::stop), whether or not any handle is left.
#[derive(Clone, Debug)]
pub struct ReloadHandle {
    pub(super) asks: mpsc::UnboundedSender<Ask>,
    pub(super) board: Arc<Board>,
    pub(super) stop: Arc<watch::Sender<bool>>,
    pub(super) file: Arc<PathBuf>,
}

impl ReloadHandle {
    /// Reads the files now and says what came of it, as for a file event, but also where nothing
    /// has changed: what could not be built is tried again. A save that looks half done is waited
    /// for, at most some seconds. Calls at the same time share one reload.
    pub async fn reload(&self) -> Outcome {
        let (ask, answer) = oneshot::channel();
        // Both fail only when the driver has stopped.
        drop(self.asks.send(Ask::Reload(ask)));
        answer.await.unwrap_or_else(|_| fault::rejected(fault::stopped(&self.file)))
    }

    /// How reloads went so far.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        self.board.status()
    }

    /// What is in force and how reloads went, of one moment: never a new generation with the news
    /// of the reload before it, nor the other way round.
    #[must_use]
    pub fn moment<P>(&self, live: &Live<P>) -> (Arc<Generation<P>>, Arc<Status>) {
        self.board.with(|| live.current())
    }

    /// Ends the watching. A reload under way is dropped or completed, never left half done; what is
    /// in force stays.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}
