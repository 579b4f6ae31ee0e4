//! The machine: closed, open, half-open, shared by all threads without a lock.
//!
//! Whatever must change together stands in one word: the state, the epoch, the
//! failures in a row, the openings in a row and the trials under way. Each change is one exchange of that
//! word, so a call is admitted or a verdict counted wholly or not at all. The epoch
//! grows with every change of state; a verdict from another epoch is about a circuit
//! that is gone, and falls away.
//!
//! Two moments stand beside the word. They only grow, and they are written before the
//! word that gives them meaning: whoever sees "open" sees since when. Written after it,
//! a circuit just opened would be measured from its previous opening.
//!
//! An operator may hold it open or closed for a while. That lies over the state and changes none of
//! it: calls that are held have no ticket that counts, so when the hold ends the circuit is where
//! time and its trials have left it. No task ends a hold: whoever looks after its end sees none.
//!
//! Time is an argument, in nanoseconds; so are the thresholds, and chance, which is a number given
//! when the machine is made. There is no clock here.

use super::{
    rules::Rules,
    sync::{AtomicU64, Ordering},
    word::{CircuitState, Transition, Word},
};

/// How an operator holds a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Every call is refused.
    Open,
    /// Every call passes, whatever comes of it.
    Closed,
}

/// What an admitted call shows when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    epoch: u64,
}

impl Ticket {
    /// That of a call that passes whatever the state: no epoch is its own, so its verdict never counts.
    const VOID: Self = Self { epoch: u64::MAX };

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

/// The end of a hold that has none: a century and a half of nanoseconds.
const NO_END: u64 = u64::MAX >> 2;

/// One circuit's state.
#[derive(Debug)]
pub(super) struct Machine {
    word: AtomicU64,
    opened_at: AtomicU64,
    tried_at: AtomicU64,
    /// Until when it is held, and in the two lowest bits how; 0 is not at all.
    hold: AtomicU64,
    seed: u64,
}

impl Machine {
    /// A closed circuit. Its chance comes from `seed`: the same seed, the same times.
    pub(super) fn closed(seed: u64) -> Self {
        Self {
            word: AtomicU64::new(Word::first(CircuitState::Closed, 0).0),
            opened_at: AtomicU64::new(0),
            tried_at: AtomicU64::new(0),
            hold: AtomicU64::new(0),
            seed,
        }
    }

    /// How many failures in a row are pending, and how many trials are under way.
    pub(super) fn pending(&self) -> (u64, u64) {
        let word = self.read();
        (word.failures(), word.trials())
    }

    /// How often it opened without closing in between.
    pub(super) fn openings(&self) -> u64 {
        self.read().openings()
    }

    /// How long it stays open yet; none unless it is open.
    pub(super) fn remaining(&self, rules: Rules, now: u64) -> Option<u64> {
        let word = self.read();
        (word.state() == CircuitState::Open).then(|| self.open_yet(word, rules, now))
    }

    /// Holds it from now on until a moment, or until it is let go. Not to be called by two at once.
    pub(super) fn hold(&self, hold: Hold, until: Option<u64>) {
        let kind = match hold {
            Hold::Open => 1,
            Hold::Closed => 2,
        };
        let until = until.map_or(NO_END, |until| until.min(NO_END - 1));
        // Before the mark: whoever sees it held must see how.
        self.hold.store(until << 2 | kind, Ordering::Release);
        self.mark(true);
    }

    /// Ends a hold. Not to be called by two at once.
    pub(super) fn let_go(&self) {
        self.mark(false);
        self.hold.store(0, Ordering::Release);
    }

    /// How it is held at a moment, and until when, if there is an end.
    pub(super) fn held(&self, now: u64) -> Option<(Hold, Option<u64>)> {
        let hold = self.hold.load(Ordering::Acquire);
        let until = hold >> 2;
        let kind = match hold & 3 {
            1 => Hold::Open,
            2 => Hold::Closed,
            _ => return None,
        };
        let ends = (until != NO_END).then_some(until);
        ends.is_none_or(|end| now < end).then_some((kind, ends))
    }

    fn mark(&self, held: bool) {
        let mut word = self.read();
        while let Err(actual) = self.exchange(word, word.with_hold(held)) {
            word = actual;
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
        if word.is_free() {
            return Ok((Ticket { epoch: word.epoch() }, None));
        }
        self.admit_if_due(word, rules, now())
    }

    #[cold]
    fn admit_if_due(&self, mut word: Word, rules: Rules, now: u64) -> Result<(Ticket, Option<Transition>), Denied> {
        match word.is_held().then(|| self.held(now)).flatten() {
            Some((Hold::Open, until)) => return Err(Denied { wait: until.map(|until| until.saturating_sub(now)) }),
            Some((Hold::Closed, _)) => return Ok((Ticket::VOID, None)),
            None => {}
        }
        loop {
            let next = match word.state() {
                CircuitState::Closed => return Ok((Ticket { epoch: word.epoch() }, None)),
                CircuitState::Open => {
                    let wait = self.open_yet(word, rules, now);
                    if wait > 0 {
                        return Err(Denied { wait: Some(wait) });
                    }
                    word.next(CircuitState::HalfOpen).with_trials(1)
                }
                CircuitState::HalfOpen if word.trials() < rules.trials => word.with_trials(word.trials() + 1),
                // The youngest trial is past its deadline, so all are: without this, calls that
                // never end would keep the circuit half-open for ever. A new epoch voids them,
                // so no more than the allowed number can ever speak at once.
                CircuitState::HalfOpen if self.trial_age(now) >= rules.trial => {
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

    fn open_yet(&self, word: Word, rules: Rules, now: u64) -> u64 {
        let open_for = now.saturating_sub(self.opened_at.load(Ordering::Relaxed));
        rules.open_for(word.openings(), self.chance(word.epoch())).saturating_sub(open_for)
    }

    /// A number from 0 to 1 that stays the same for an epoch: an opening has one length, whoever asks.
    ///
    /// The mixing is that of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
    fn chance(&self, epoch: u64) -> f64 {
        let mut mixed = self.seed.wrapping_add(epoch.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) >> 11) as f64 / (1_u64 << 53) as f64
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
