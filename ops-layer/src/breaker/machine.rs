//! The machine: closed, open, half-open, shared by all threads without a lock.
//!
//! Whatever must change together stands in one word: the state, the epoch, the
//! failures in a row and the trials under way. Each change is one exchange of that
//! word, so a call is admitted or a verdict counted wholly or not at all. The epoch
//! grows with every change of state; a verdict from another epoch is about a circuit
//! that is gone, and falls away.
//!
//! Two moments stand beside the word. They only grow, and they are written before the
//! word that gives them meaning: whoever sees "open" sees since when. Written after it,
//! a circuit just opened would be measured from its previous opening.
//!
//! Time is an argument, in nanoseconds; so are the thresholds. There is no clock here.

use super::sync::{AtomicU64, Ordering};

/// Whether a circuit lets calls pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass, to try whether the dependency has recovered.
    HalfOpen,
}

impl CircuitState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// The state, as it stands in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What the machine goes by, from the configuration in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Failures in a row that open it.
    pub(super) failures: u64,
    /// How long it stays open, and how long a trial may take. Nanoseconds.
    pub(super) reset: u64,
    /// Trials at once.
    pub(super) trials: u64,
}

/// What an admitted call shows when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    epoch: u64,
}

impl Ticket {
    /// The epoch that admitted the call.
    pub(super) fn epoch(self) -> u64 {
        self.epoch
    }
}

/// Why a call is not admitted: how long the circuit stays open, in nanoseconds;
/// none while all trials are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denied {
    pub(super) wait: Option<u64>,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transition {
    pub(super) from: CircuitState,
    pub(super) to: CircuitState,
}

/// The word: two bits of state, ten of trials, fourteen of failures, the rest epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u64);

const TRIALS: u32 = 2;
const FAILURES: u32 = 12;
const EPOCH: u32 = 26;
const MAX_TRIALS: u64 = (1 << (FAILURES - TRIALS)) - 1;
const MAX_FAILURES: u64 = (1 << (EPOCH - FAILURES)) - 1;

impl Word {
    /// The first word of an epoch.
    const fn first(state: CircuitState, epoch: u64) -> Self {
        let code = match state {
            CircuitState::Closed => 0,
            CircuitState::Open => 1,
            CircuitState::HalfOpen => 2,
        };
        Self(code | epoch << EPOCH)
    }

    fn state(self) -> CircuitState {
        match self.0 & 3 {
            0 => CircuitState::Closed,
            1 => CircuitState::Open,
            _ => CircuitState::HalfOpen,
        }
    }

    fn epoch(self) -> u64 {
        self.0 >> EPOCH
    }

    fn trials(self) -> u64 {
        self.0 >> TRIALS & MAX_TRIALS
    }

    fn failures(self) -> u64 {
        self.0 >> FAILURES & MAX_FAILURES
    }

    fn with_trials(self, trials: u64) -> Self {
        Self(self.0 & !(MAX_TRIALS << TRIALS) | trials.min(MAX_TRIALS) << TRIALS)
    }

    fn with_failures(self, failures: u64) -> Self {
        Self(self.0 & !(MAX_FAILURES << FAILURES) | failures.min(MAX_FAILURES) << FAILURES)
    }

    fn next(self, state: CircuitState) -> Self {
        Self::first(state, self.epoch() + 1)
    }

    fn transition(self, to: Self) -> Option<Transition> {
        let (from, to) = (self.state(), to.state());
        (from != to).then_some(Transition { from, to })
    }
}

/// One circuit's state.
#[derive(Debug)]
pub(super) struct Machine {
    word: AtomicU64,
    opened_at: AtomicU64,
    tried_at: AtomicU64,
}

impl Machine {
    /// A closed circuit.
    pub(super) fn closed() -> Self {
        Self {
            word: AtomicU64::new(Word::first(CircuitState::Closed, 0).0),
            opened_at: AtomicU64::new(0),
            tried_at: AtomicU64::new(0),
        }
    }

    /// The state now.
    pub(super) fn state(&self) -> CircuitState {
        self.read().state()
    }

    /// The number of changes so far.
    pub(super) fn epoch(&self) -> u64 {
        self.read().epoch()
    }

    /// Whether the call's verdict would count.
    pub(super) fn counts(&self, ticket: Ticket) -> bool {
        self.epoch() == ticket.epoch
    }

    /// Whether the call is a trial whose verdict would count.
    pub(super) fn is_trial(&self, ticket: Ticket) -> bool {
        let word = self.read();
        word.state() == CircuitState::HalfOpen && word.epoch() == ticket.epoch
    }

    /// Admits a call. While the circuit is closed this is one read and asks no clock.
    pub(super) fn admit(
        &self,
        rules: Rules,
        now: impl FnOnce() -> u64,
    ) -> Result<(Ticket, Option<Transition>), Denied> {
        let word = self.read();
        match word.state() {
            CircuitState::Closed => Ok((Ticket { epoch: word.epoch() }, None)),
            CircuitState::Open | CircuitState::HalfOpen => self.admit_trial(word, rules, now()),
        }
    }

    #[cold]
    fn admit_trial(&self, mut word: Word, rules: Rules, now: u64) -> Result<(Ticket, Option<Transition>), Denied> {
        loop {
            let next = match word.state() {
                CircuitState::Closed => return Ok((Ticket { epoch: word.epoch() }, None)),
                CircuitState::Open => {
                    let open_for = now.saturating_sub(self.opened_at.load(Ordering::Relaxed));
                    if open_for < rules.reset {
                        return Err(Denied { wait: Some(rules.reset - open_for) });
                    }
                    word.next(CircuitState::HalfOpen).with_trials(1)
                }
                CircuitState::HalfOpen if word.trials() < rules.trials => word.with_trials(word.trials() + 1),
                // The youngest trial is past its deadline, so all are: without this, calls that
                // never end would keep the circuit half-open for ever. A new epoch voids them,
                // so no more than the allowed number can ever speak at once.
                CircuitState::HalfOpen if self.trial_age(now) >= rules.reset => {
                    word.next(CircuitState::HalfOpen).with_trials(1)
                }
                CircuitState::HalfOpen => return Err(Denied { wait: None }),
            };
            // Before the exchange: whoever sees this trial must see its age.
            self.tried_at.fetch_max(now, Ordering::Relaxed);
            match self.exchange(word, next) {
                Ok(()) => return Ok((Ticket { epoch: next.epoch() }, word.transition(next))),
                Err(actual) => word = actual,
            }
        }
    }

    /// The call did well. Writes nothing when no failure is pending.
    pub(super) fn succeed(&self, ticket: Ticket) -> Option<Transition> {
        self.settle(ticket, |word| match word.state() {
            CircuitState::HalfOpen => Some(word.next(CircuitState::Closed)),
            CircuitState::Closed if word.failures() > 0 => Some(word.with_failures(0)),
            CircuitState::Closed | CircuitState::Open => None,
        })
    }

    /// The call failed.
    pub(super) fn fail(&self, ticket: Ticket, rules: Rules, now: u64) -> Option<Transition> {
        self.settle(ticket, |word| match word.state() {
            CircuitState::HalfOpen => Some(self.opened(word, now)),
            CircuitState::Closed if word.failures() + 1 >= rules.failures => Some(self.opened(word, now)),
            CircuitState::Closed => Some(word.with_failures(word.failures() + 1)),
            CircuitState::Open => None,
        })
    }

    /// Too large a share of the calls of this epoch was bad.
    pub(super) fn trip(&self, ticket: Ticket, now: u64) -> Option<Transition> {
        self.settle(ticket, |word| (word.state() == CircuitState::Closed).then(|| self.opened(word, now)))
    }

    /// The call ended without a verdict: its slot is free again.
    pub(super) fn give_back(&self, ticket: Ticket) {
        let _ = self.settle(ticket, |word| {
            (word.state() == CircuitState::HalfOpen).then(|| word.with_trials(word.trials().saturating_sub(1)))
        });
    }

    fn settle(&self, ticket: Ticket, next: impl Fn(Word) -> Option<Word>) -> Option<Transition> {
        let mut word = self.read();
        loop {
            if word.epoch() != ticket.epoch {
                return None;
            }
            let after = next(word)?;
            match self.exchange(word, after) {
                Ok(()) => return word.transition(after),
                Err(actual) => word = actual,
            }
        }
    }

    fn opened(&self, word: Word, now: u64) -> Word {
        // Before the exchange: whoever sees "open" must see since when.
        self.opened_at.fetch_max(now, Ordering::Relaxed);
        word.next(CircuitState::Open)
    }

    fn trial_age(&self, now: u64) -> u64 {
        now.saturating_sub(self.tried_at.load(Ordering::Relaxed))
    }

    fn read(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    fn exchange(&self, from: Word, to: Word) -> Result<(), Word> {
        self.word.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire).map(drop).map_err(Word)
    }
}
