//! What outlives reloads: the running experiment and the counts of faults.

use super::plan::Delays;
use crate::clock::Moment;
use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc, Mutex, MutexGuard, PoisonError,
};

/// A fault between the caller and the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkFault {
    /// The call was delayed.
    Latency,
    /// The connection was closed without a response.
    Drop,
    /// The service could not be reached.
    Partition,
}

impl NetworkFault {
    /// All faults.
    pub const ALL: [Self; 3] = [Self::Latency, Self::Drop, Self::Partition];

    /// The fault, as it stands in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Drop => "drop",
            Self::Partition => "partition",
        }
    }
}

/// Chaos in this process: the experiment in force and the counts. Cheap to clone. Its lock is
/// taken when a plan is built or put in force and when metrics are read, never by a call.
#[derive(Clone, Debug, Default)]
pub struct Chaos {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    in_force: Mutex<Option<InForce>>,
    faults: [AtomicU64; NetworkFault::ALL.len()],
}

/// What the plan in force says about chaos.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    pub(super) experiment: Arc<Experiment>,
    pub(super) ends_at: Moment,
    pub(super) delays: Option<Arc<Delays>>,
}

/// One experiment: from the save that enabled chaos until the one that disables it.
#[derive(Debug)]
pub(super) struct Experiment {
    pub(super) started: Moment,
    pub(super) seed: u64,
    ordinals: AtomicU64,
}

impl Experiment {
    pub(super) const fn new(started: Moment, seed: u64) -> Self {
        Self { started, seed, ordinals: AtomicU64::new(0) }
    }

    /// The ordinal of the next eligible call.
    pub(super) fn next_ordinal(&self) -> u64 {
        self.ordinals.fetch_add(1, Ordering::Relaxed)
    }
}

/// The numbers of chaos, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChaosSnapshot {
    /// Whether faults are made.
    pub active: bool,
    /// Faults made since the process began.
    pub faults: [(NetworkFault, u64); NetworkFault::ALL.len()],
}

impl Chaos {
    /// No experiment yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers at a moment.
    #[must_use]
    pub fn snapshot(&self, now: Moment) -> ChaosSnapshot {
        let active = self.in_force().as_ref().is_some_and(|in_force| now < in_force.ends_at);
        let count = |fault: NetworkFault| (fault, self.shared.faults[fault as usize].load(Ordering::Relaxed));
        ChaosSnapshot { active, faults: NetworkFault::ALL.map(count) }
    }

    /// Counts a fault that was made.
    pub(super) fn count(&self, fault: NetworkFault) {
        self.shared.faults[fault as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn in_force(&self) -> MutexGuard<'_, Option<InForce>> {
        // No code that can panic runs under the lock; what it guards is whole all the same.
        self.shared.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
