//! Changes of state, for whoever wants to hear them.
//!
//! They are rare, so all of it is paid when one happens: the last few are kept, and sent to whoever
//! listens. Calls that change nothing do not come here.

use super::word::CircuitState;
use std::{collections::VecDeque, time::SystemTime};
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

/// So many changes are kept, and so many may wait for a listener.
const KEPT: usize = 16;
const WAITING: usize = 256;

/// One change of a circuit's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: SystemTime,
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
}

impl Change {
    pub(super) fn now(from: CircuitState, to: CircuitState) -> Self {
        Self { at: SystemTime::now(), from, to }
    }
}

/// The changes of one circuit since somebody began to listen.
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<Change>);

impl Changes {
    /// The next change; none once the circuit is gone. Of more than 256 that wait, the oldest are lost.
    pub async fn next(&mut self) -> Option<Change> {
        loop {
            match self.0.recv().await {
                Ok(change) => return Some(change),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The next change, if there was one already.
    pub fn try_next(&mut self) -> Option<Change> {
        loop {
            match self.0.try_recv() {
                Ok(change) => return Some(change),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }
}

/// The last changes, and who listens. Empty until the first change, and without memory of its own.
#[derive(Debug, Default)]
pub(super) struct Log {
    recent: VecDeque<Change>,
    listeners: Option<broadcast::Sender<Change>>,
}

impl Log {
    pub(super) fn add(&mut self, change: Change) {
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(change);
        // Nobody listens any more: nothing is lost.
        let _ = self.listeners.as_ref().map(|listeners| listeners.send(change));
    }

    pub(super) fn listen(&mut self) -> Changes {
        Changes(self.listeners.get_or_insert_with(|| broadcast::channel(WAITING).0).subscribe())
    }

    pub(super) fn since(&self) -> Option<SystemTime> {
        self.recent.back().map(|change| change.at)
    }

    pub(super) fn recent(&self) -> Vec<Change> {
        self.recent.iter().copied().collect()
    }
}
