//! What was in force, and what came of it.

use super::Grounds;
use crate::check::{differences, Checked, Difference, Digest};
use std::{collections::VecDeque, sync::Arc, time::SystemTime};

/// How many generations are remembered.
const GENERATIONS: usize = 64;

/// How many differences are remembered of each.
const DIFFERENCES: usize = 128;

/// One generation, as it is remembered: what it changed, not what it was. Secrets are masked.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub generation: u64,
    /// The digest of its effective values.
    pub sha256: Digest,
    /// When it was put in force.
    pub loaded_at: SystemTime,
    /// What put it in force.
    pub cause: Cause,
    /// What came of its probation.
    pub probation: Probation,
    /// Reloads that were rejected while it was in force.
    pub rejected: u64,
    /// What it has otherwise than the one before, at most 128 keys; nothing for the first.
    pub differences: Arc<[Difference]>,
    /// How many more keys differ.
    pub more_differences: usize,
}

/// What put a generation in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The start of the process.
    Start,
    /// The files had changed.
    Reload {
        /// Whether somebody asked for the look that found it: a signal or the operator's listener.
        asked: bool,
    },
    /// A secret of the one before had changed, while the files held something that is not in force.
    Rotation,
    /// The one before was given up.
    Rollback {
        /// Its number.
        from: u64,
        /// The generation whose configuration is in force again.
        to: u64,
        /// Why.
        grounds: Grounds,
    },
}

/// What came of the probation of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probation {
    /// It needed none.
    None,
    /// It is watched now.
    Running,
    /// Nothing broke in its time.
    Passed,
    /// It broke the service.
    Failed,
    /// Another generation took its place before its time was up.
    Superseded,
}

impl Probation {
    /// The word for it in answers and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

/// The last 64 generations. Costs what changed, not what was in force.
#[derive(Clone, Debug)]
pub struct History(VecDeque<Arc<Entry>>);

impl Entry {
    pub(super) fn of(
        generation: u64,
        loaded_at: SystemTime,
        before: Option<&Checked>,
        now: &Checked,
        cause: Cause,
        probation: Probation,
    ) -> Self {
        let mut found = before.map_or_else(Vec::new, |before| differences(before, now));
        let more_differences = found.len().saturating_sub(DIFFERENCES);
        found.truncate(DIFFERENCES);
        let sha256 = now.sha256();
        Self {
            generation,
            sha256,
            loaded_at,
            cause,
            probation,
            rejected: 0,
            differences: found.into(),
            more_differences,
        }
    }
}

impl History {
    pub(super) fn new(first: Entry) -> Self {
        Self(VecDeque::from([Arc::new(first)]))
    }

    /// What is remembered, the newest first.
    #[must_use]
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> {
        self.0.iter()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        if self.0.front().is_some_and(|newest| newest.probation == Probation::Running) {
            self.probation(Probation::Superseded);
        }
        self.0.push_front(Arc::new(entry));
        self.0.truncate(GENERATIONS);
    }

    /// Notes what came of the probation of the newest.
    pub(super) fn probation(&mut self, probation: Probation) {
        self.newest(|entry| entry.probation = probation);
    }

    /// Notes that a reload was rejected.
    pub(super) fn rejected(&mut self) {
        self.newest(|entry| entry.rejected += 1);
    }

    fn newest(&mut self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.0.front_mut() {
            change(Arc::make_mut(entry));
        }
    }
}
