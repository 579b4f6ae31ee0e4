//! The budget: how many repeats the calls of the last while have paid for.
//!
//! Calls and repeats are counted in a ring of ticks, a quarter of a second each, that reaches back more than a minute.
//! What a call earns and how far back counts are arguments: only what happened is kept, so settings may change at any
//! time and nothing that was earned is lost.
//!
//! Exactness: whenever a repeat is granted, the repeats of the window that ends there, this one included, are at most
//! `ratio` of its calls and `min_per_second` for each of its seconds. Never more, whatever threads do at once: repeats
//! are counted in the tick at hand and the ticks of a whole window before it, calls in one tick fewer. For the same
//! reason it may be less by what a quarter of a second earns.
//!
//! The repeats of the newest tick stand in one word, `head`, with the tick's number, and each grant is one exchange of
//! that word. Whoever moves it on to a new tick first writes the count of the old one into the ring, where it is final
//! once the exchange succeeds; if it does not, somebody else was granted a repeat and all is counted again. Calls are
//! only added; one that is missed because it comes in at the same moment earns for the next repeat.

use crate::clock::Moment;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// How long a tick is. The shortest window has four.
const TICK: Duration = Duration::from_millis(250);
/// The ticks remembered: those of the longest window, a minute, and some.
const RING: usize = 256;
const TICKS: u64 = RING as u64;
/// Bits of a count. The number of the tick has the others, which last for two thousand years.
const COUNT_BITS: u32 = 26;
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;
/// A millionth: ratios are counted in them, so that a tenth of thirty is three.
const MILLION: u64 = 1_000_000;

/// What the counts are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rates {
    /// Millionths of a repeat that each call earns.
    per_call: u64,
    /// Repeats that are there without any call, in the window.
    reserve: u64,
    /// The ticks whose calls count: no more than the window.
    earning: u64,
    /// The ticks whose repeats count, the one at hand included: no less than the window.
    spending: u64,
}

impl Rates {
    /// At most a minute of window counts, at least one tick.
    pub(super) fn new(ratio: f64, min_per_second: u64, window: Duration) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a ratio is from 0.0 to 1.0")]
        let per_call = (ratio.clamp(0.0, 1.0) * 1e6).round() as u64;
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let window = millis(window).clamp(millis(TICK), millis(TICK) * (TICKS - 2));
        let reserve = min_per_second.saturating_mul(window) / 1000;
        let (earning, spending) = (window / millis(TICK), window.div_ceil(millis(TICK)) + 1);
        Self { per_call, reserve, earning, spending }
    }

    /// The repeats that so many calls pay for.
    fn earned_by(&self, calls: u64) -> u64 {
        // Calls are sums of ring counts, below 2^34; times a million still fits.
        self.reserve + calls * self.per_call / MILLION
    }
}

/// The calls and the repeats of the last minute. 4 KiB.
#[derive(Debug)]
pub(super) struct Budget {
    /// The newest tick with a repeat, and the repeats in it.
    head: AtomicU64,
    /// The repeats of ticks before that one.
    repeats: [AtomicU64; RING],
    calls: [AtomicU64; RING],
}

impl Budget {
    /// No calls yet, and no repeats.
    pub(super) fn new() -> Self {
        let ring = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { head: AtomicU64::new(0), repeats: ring(), calls: ring() }
    }

    /// A call is made for the first time.
    pub(super) fn deposit(&self, now: Moment) {
        let tick = tick(now);
        let slot = slot(&self.calls, tick);
        let add = |seen: u64| match tick_of(seen) {
            known if known == tick => (count_of(seen) < COUNT_MAX).then_some(seen + 1),
            known if known < tick => Some(word(tick, 1)),
            // It was asked for the time a ring ago: nobody counts it any more.
            _ => None,
        };
        // A call that is not counted earns nothing, which only ever refuses.
        let _ = slot.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }

    /// Takes what one repeat costs. Whether there was as much.
    pub(super) fn withdraw(&self, rates: Rates, now: Moment) -> bool {
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // A clock of another thread may be a little ahead: its tick is the newest for all.
            let (newest, spent) = (tick_of(head), count_of(head));
            let tick = tick(now).max(newest);
            if self.left(rates, tick, head) == 0 {
                return false;
            }
            let next = if tick == newest {
                if spent == COUNT_MAX {
                    return false;
                }
                head + 1
            } else {
                // Words only grow: a slot never goes back to an older tick, nor a tick to a smaller count.
                slot(&self.repeats, newest).fetch_max(head, Ordering::AcqRel);
                word(tick, 1)
            };
            match self.head.compare_exchange(head, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return true,
                Err(actual) => head = actual,
            }
        }
    }

    /// How many repeats could be made now.
    pub(super) fn balance(&self, rates: Rates, now: Moment) -> u64 {
        let head = self.head.load(Ordering::Acquire);
        self.left(rates, tick(now).max(tick_of(head)), head)
    }

    fn left(&self, rates: Rates, tick: u64, head: u64) -> u64 {
        let newest = tick_of(head);
        let in_ring = self.repeats.iter().map(|slot| slot.load(Ordering::Acquire));
        // What the ring has of the newest tick is what somebody read of `head` before.
        let in_ring = in_ring.filter(|word| tick_of(*word) < newest);
        let repeats: u64 = in_ring.chain([head]).map(|word| within(word, tick, rates.spending)).sum();
        let calls = self.calls.iter().map(|slot| within(slot.load(Ordering::Acquire), tick, rates.earning));
        rates.earned_by(calls.sum()).saturating_sub(repeats)
    }
}

/// The tick of a moment. The first is not 0, which a ring begins with.
fn tick(now: Moment) -> u64 {
    now.nanos() / u64::from(TICK.subsec_nanos().max(1)) + 1
}

const fn word(tick: u64, count: u64) -> u64 {
    tick << COUNT_BITS | count
}

const fn tick_of(word: u64) -> u64 {
    word >> COUNT_BITS
}

const fn count_of(word: u64) -> u64 {
    word & COUNT_MAX
}

fn slot(ring: &[AtomicU64; RING], tick: u64) -> &AtomicU64 {
    // The remainder of a division by the ring's length fits any integer.
    &ring[usize::try_from(tick % TICKS).unwrap_or(0)]
}

/// The count of a word if it is of one of so many ticks up to this one.
fn within(word: u64, tick: u64, ticks: u64) -> u64 {
    match tick.checked_sub(tick_of(word)) {
        Some(age) if age < ticks => count_of(word),
        _ => 0,
    }
}
