//! What reloads have come to, for metrics and for whoever asks.

use super::{Entry, History, LastError, LastReload, Outcome, Probation, Revision};
use crate::{
    check::Checked,
    diagnostic::{Stage, Violation},
};
use arc_swap::ArcSwap;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// What reloads have come to.
#[derive(Clone, Debug)]
pub struct Status {
    /// The reload that ended last; none before the first.
    pub last_reload: Option<LastReload>,
    /// The fault that stands in the files now.
    pub last_error: LastError,
    /// When the files were last found good: the start, or a reload that was not rejected.
    pub last_success_at: SystemTime,
    /// How reloads have ended so far.
    pub counts: Counts,
    /// The last good reading of the files. It means what is in force, and says where each value
    /// stands now: an edit of comments moves lines and makes no generation.
    pub checked: Arc<Checked>,
    /// Whether some changes are found only every `reload.poll_interval`, because the system gives
    /// no events.
    pub polling: bool,
    /// The generations so far.
    pub history: History,
    /// Grows with each outcome, and with what comes of a probation.
    pub revision: Revision,
}

/// How many reloads ended in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reloads that put a new generation in force.
    pub applied: u64,
    /// Reloads that found nothing new.
    pub unchanged: u64,
    /// Returns to an earlier configuration.
    pub rolled_back: u64,
    rejected: [u64; Stage::ALL.len()],
}

impl Counts {
    /// Reloads that were rejected at `stage`.
    #[must_use]
    pub fn rejected(&self, stage: Stage) -> u64 {
        Stage::ALL.iter().zip(self.rejected).find_map(|(at, count)| (*at == stage).then_some(count)).unwrap_or(0)
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Applied { .. } => self.applied += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::RolledBack { .. } => self.rolled_back += 1,
            Outcome::Rejected { stage, .. } => {
                for (_, count) in Stage::ALL.iter().zip(&mut self.rejected).filter(|(at, _)| *at == stage) {
                    *count += 1;
                }
            }
        }
    }
}

/// What an outcome brought.
pub(super) enum Brought {
    /// A good reading of the files, and the generation that was made of it.
    Good(Arc<Checked>, Option<Entry>),
    /// An earlier configuration, what stands in the files now that they are not in force, and the generation.
    Earlier(Arc<Checked>, Violation, Entry),
    /// What is in force with new secrets, and the generation. The files may hold something else.
    Secrets(Arc<Checked>, Entry),
    /// Nothing; the fault stands in the files, or none where it does not lie in them.
    Fault(Option<Violation>),
}

/// Where the driver writes the status and everybody reads it, without waiting for each other.
#[derive(Debug)]
pub(super) struct Board {
    status: ArcSwap<Status>,
    /// Held while a swap and the news of it are one step. Only who must see both takes it, and
    /// nothing waits inside.
    moment: Mutex<()>,
}

impl Board {
    pub(super) fn new(checked: Arc<Checked>, polling: bool, first: Entry) -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let status = Status {
            last_reload: None,
            last_error: None,
            last_success_at: SystemTime::now(),
            counts: Counts::default(),
            checked,
            polling,
            history: History::new(first),
            revision: Revision { began, change: 0 },
        };
        Self { status: ArcSwap::from_pointee(status), moment: Mutex::new(()) }
    }

    pub(super) fn status(&self) -> Arc<Status> {
        self.status.load_full()
    }

    /// The status, with what `read` finds in force at the same moment.
    pub(super) fn with<T>(&self, read: impl FnOnce() -> T) -> (T, Arc<Status>) {
        let _moment = self.moment();
        (read(), self.status())
    }

    /// Notes how a reload ended, in one step with `swap`.
    pub(super) fn ended(&self, outcome: &Outcome, brought: Brought, swap: impl FnOnce()) {
        let at = SystemTime::now();
        let _moment = self.moment();
        swap();
        self.change(|status| {
            status.counts.count(outcome);
            status.last_reload = Some(LastReload { outcome: outcome.clone(), at });
            match brought {
                Brought::Good(checked, entry) => {
                    status.last_error = None;
                    status.last_success_at = at;
                    status.checked = checked;
                    if let Some(entry) = entry {
                        status.history.push(entry);
                    }
                }
                Brought::Earlier(checked, reason, entry) => {
                    // A fault that stands in the files for another reason still does.
                    status.last_error.get_or_insert(reason);
                    status.checked = checked;
                    status.history.push(entry);
                }
                Brought::Secrets(checked, entry) => {
                    status.checked = checked;
                    status.history.push(entry);
                }
                Brought::Fault(violation) => {
                    status.last_error = violation.or(status.last_error.take());
                    status.history.rejected();
                }
            }
            status.revision.change += 1;
        });
    }

    /// Notes what came of the probation of what is in force.
    pub(super) fn probation(&self, probation: Probation) {
        let _moment = self.moment();
        self.change(|status| {
            status.history.probation(probation);
            status.revision.change += 1;
        });
    }

    pub(super) fn polling(&self, polling: bool) {
        if self.status.load().polling != polling {
            self.change(|status| status.polling = polling);
        }
    }

    fn moment(&self) -> MutexGuard<'_, ()> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only the driver writes, so nothing is lost between the two halves.
    fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut status = Status::clone(&self.status.load());
        change(&mut status);
        self.status.store(Arc::new(status));
    }
}
