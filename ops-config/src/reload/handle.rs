//! What a running driver can be asked.

use super::{
    ask::{Answer, Ask, Declined, Wish},
    fault,
    status::Board,
    History, Outcome, Revision, Status,
};
use crate::live::{Generation, Live};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::{mpsc, oneshot, watch};

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
        match self.ask(Wish::Reload, None).await {
            Ok(answer) => answer.outcome,
            // A reload that is meant whatever has changed is never declined.
            Err(_) => self.stopped().outcome,
        }
    }

    /// Puts the configuration before the one in force in force again, as a new generation, with the
    /// secrets of today: a password may have been rotated since. What is given up is not tried again until the files change. Calls at the
    /// same time share one step back; one after another lead further back, at most eight steps.
    ///
    /// # Errors
    /// When nothing earlier is known.
    pub async fn rollback(&self) -> Result<Outcome, Declined> {
        self.ask(Wish::Rollback, None).await.map(|answer| answer.outcome)
    }

    /// As [`reload`](Self::reload) and [`rollback`](Self::rollback), only if the state of affairs is one of
    /// `only_at` when its turn has come; none is any.
    ///
    /// # Errors
    /// When it is another by then, or a rollback has nowhere to go.
    pub async fn ask(&self, wish: Wish, only_at: Option<Vec<Revision>>) -> Result<Answer, Declined> {
        let (reply, answer) = oneshot::channel();
        // Both fail only when the driver has stopped.
        drop(self.asks.send(Ask { wish, only_at, reply }));
        answer.await.unwrap_or_else(|_| Ok(self.stopped()))
    }

    fn stopped(&self) -> Answer {
        Answer { outcome: fault::rejected(fault::stopped(&self.file)), revision: self.status().revision }
    }

    /// The generations so far, the newest first; the last 64 are known.
    #[must_use]
    pub fn history(&self) -> History {
        self.status().history.clone()
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
