//! Which request a bucket's count came from last.
//!
//! A histogram says that a few requests took seconds; an exemplar says which one did, so
//! that a person gets from the graph to the trace. One slot a bucket and thread, written
//! by that thread alone. A scrape reads it while it is written: the slot is a sequence
//! lock, so whoever reads sees one request or tries again, and whoever writes never waits.

use super::sync::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// How long a recorded trace keeps its place against those that were not recorded. An id that leads to
/// no trace is still found in the log, and says more about a bucket than a trace of an hour ago.
const FRESH: u64 = 600_000_000_000;

/// How often a reader looks again when the writer was faster.
const LOOKS: usize = 16;

/// The trace of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) trace: u128,
    pub(super) span: u64,
    /// Whether there is a trace to be found under these ids.
    pub(super) is_recorded: bool,
}

/// A request that may become an exemplar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) sighting: Sighting,
    /// How long it took.
    pub(super) nanos: u64,
    /// When it ended, in nanoseconds of the process's clock.
    pub(super) at: u64,
}

/// The place for one exemplar.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Slot {
    /// Odd while the words are being written; 0 before the first time.
    sequence: AtomicU64,
    words: [AtomicU64; 6],
}

const RECORDED: usize = 4;
const AT: usize = 5;

impl Slot {
    /// Takes a request, if it is worth more than the one held. Recorded traces are few, where one request in a
    /// hundred is: were the last request always taken, hardly an exemplar would lead to a trace. So a recorded
    /// one always takes the place, another only an empty one, or that of one long past.
    ///
    /// Only for the thread that the slot belongs to.
    pub(super) fn offer(&self, seen: Seen) {
        let sequence = self.sequence.load(Relaxed);
        let is_empty = sequence == 0;
        if !seen.sighting.is_recorded && !is_empty && !is_past(self.words[AT].load(Relaxed), seen.at) {
            return;
        }
        self.sequence.store(sequence.wrapping_add(1), Relaxed);
        // Released one by one: who sees one of these words sees the odd number as well.
        for (slot, word) in self.words.iter().zip(seen.words()) {
            slot.store(word, Release);
        }
        self.sequence.store(sequence.wrapping_add(2), Release);
    }

    /// The request held; none before the first, nor where the writer was faster each time.
    pub(super) fn read(&self) -> Option<Seen> {
        (0..LOOKS).find_map(|_| self.look())
    }

    /// One look; none where the writer was faster.
    pub(super) fn look(&self) -> Option<Seen> {
        let before = self.sequence.load(Acquire);
        if before == 0 || !before.is_multiple_of(2) {
            return None;
        }
        // Acquired one by one, so that the look at the number below comes after all of them.
        let words = std::array::from_fn(|word| self.words[word].load(Acquire));
        (self.sequence.load(Relaxed) == before).then(|| Seen::of(words))
    }
}

impl Seen {
    /// The better of two that different threads hold, by the rule of one slot.
    pub(super) fn better(self, other: Self) -> Self {
        let (old, new) = if self.at <= other.at { (self, other) } else { (other, self) };
        if new.sighting.is_recorded || !old.sighting.is_recorded || is_past(old.at, new.at) {
            new
        } else {
            old
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of the id are taken on purpose")]
    fn words(self) -> [u64; 6] {
        let Sighting { trace, span, is_recorded } = self.sighting;
        [(trace >> 64) as u64, trace as u64, span, self.nanos, is_recorded.into(), self.at]
    }

    fn of(words: [u64; 6]) -> Self {
        let trace = u128::from(words[0]) << 64 | u128::from(words[1]);
        let sighting = Sighting { trace, span: words[2], is_recorded: words[RECORDED] != 0 };
        Self { sighting, nanos: words[3], at: words[AT] }
    }
}

const fn is_past(at: u64, now: u64) -> bool {
    now.saturating_sub(at) >= FRESH
}
