//! The one word of a circuit: everything that must change together.

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

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transition {
    pub(super) from: CircuitState,
    pub(super) to: CircuitState,
}

/// The word: two bits of state, one that says it is held, ten of trials, fourteen of failures, eight of openings, the rest epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

const HELD: u64 = 1 << 2;
const TRIALS: u32 = 3;
const FAILURES: u32 = 13;
const OPENINGS: u32 = 27;
const EPOCH: u32 = 35;
const MAX_TRIALS: u64 = (1 << (FAILURES - TRIALS)) - 1;
const MAX_FAILURES: u64 = (1 << (OPENINGS - FAILURES)) - 1;
const MAX_OPENINGS: u64 = (1 << (EPOCH - OPENINGS)) - 1;

impl Word {
    /// The first word of an epoch.
    pub(super) const fn first(state: CircuitState, epoch: u64) -> Self {
        let code = match state {
            CircuitState::Closed => 0,
            CircuitState::Open => 1,
            CircuitState::HalfOpen => 2,
        };
        Self(code | epoch << EPOCH)
    }

    pub(super) fn state(self) -> CircuitState {
        match self.0 & 3 {
            0 => CircuitState::Closed,
            1 => CircuitState::Open,
            _ => CircuitState::HalfOpen,
        }
    }

    pub(super) fn epoch(self) -> u64 {
        self.0 >> EPOCH
    }

    pub(super) fn trials(self) -> u64 {
        self.0 >> TRIALS & MAX_TRIALS
    }

    pub(super) fn failures(self) -> u64 {
        self.0 >> FAILURES & MAX_FAILURES
    }

    pub(super) fn with_trials(self, trials: u64) -> Self {
        Self(self.0 & !(MAX_TRIALS << TRIALS) | trials.min(MAX_TRIALS) << TRIALS)
    }

    pub(super) fn with_failures(self, failures: u64) -> Self {
        Self(self.0 & !(MAX_FAILURES << FAILURES) | failures.min(MAX_FAILURES) << FAILURES)
    }

    /// How often it opened without closing in between.
    pub(super) fn openings(self) -> u64 {
        self.0 >> OPENINGS & MAX_OPENINGS
    }

    /// Whether calls pass and nothing else is to be looked at.
    pub(super) fn is_free(self) -> bool {
        self.0 & (3 | HELD) == 0
    }

    /// Whether somebody holds it open or closed.
    pub(super) fn is_held(self) -> bool {
        self.0 & HELD != 0
    }

    pub(super) fn with_hold(self, held: bool) -> Self {
        Self(self.0 & !HELD | if held { HELD } else { 0 })
    }

    /// The first word of the next epoch.
    pub(super) fn next(self, state: CircuitState) -> Self {
        let openings = match state {
            CircuitState::Closed => 0,
            CircuitState::Open => (self.openings() + 1).min(MAX_OPENINGS),
            CircuitState::HalfOpen => self.openings(),
        };
        // What does not fit falls off: after half a billion changes epochs are counted from 0 again.
        let first = Self::first(state, self.epoch() + 1);
        Self(first.0 | openings << OPENINGS).with_hold(self.is_held())
    }

    /// The change of state to another word, if there is one.
    pub(super) fn transition(self, to: Self) -> Option<Transition> {
        let (from, to) = (self.state(), to.state());
        (from != to).then_some(Transition { from, to })
    }
}
