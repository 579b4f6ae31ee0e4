//! How many of the last so many calls were bad, exactly.
//!
//! A ring of one bit a call, and a head that knows the sums: to count a call takes one bit out, one in
//! and costs the same whatever the length. The head is one word, changed by one exchange: which epoch,
//! which place in the ring, the sums, and the last call, which is not in the ring yet. Whoever counts
//! the next one writes it there first, so a thread that stops between the two steps holds nobody up.
//! The bits stand in words that also count their changes, so that a thread which slept over a whole
//! turn of the ring cannot write what it had meant for the turn before.
//!
//! A head of another epoch begins with no calls: every ring is empty in every epoch, and a call that
//! was late by an epoch is counted nowhere.

use super::sync::{AtomicU64, Ordering};

/// Bits of a word that are calls; the rest counts its changes.
const CALLS: u64 = 32;
const VERSION: u64 = 1 << CALLS;

/// The head: the last call in one bit, bad calls in ten, calls in ten, the place in 27, the epoch in 16.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Head(u64);

const SUM: u64 = (1 << 10) - 1;
const PLACE: u64 = (1 << 27) - 1;
const EPOCH: u64 = (1 << 16) - 1;

impl Head {
    fn new(epoch: u64, place: u64, calls: u64, bad: u64, last: bool) -> Self {
        Self((epoch & EPOCH) << 48 | place << 21 | calls << 11 | bad << 1 | u64::from(last))
    }

    fn last(self) -> bool {
        self.0 & 1 != 0
    }

    fn bad(self) -> u64 {
        self.0 >> 1 & SUM
    }

    fn calls(self) -> u64 {
        self.0 >> 11 & SUM
    }

    fn place(self) -> u64 {
        self.0 >> 21 & PLACE
    }

    /// How many epochs it lies behind; a huge number if it lies ahead.
    fn age(self, epoch: u64) -> u64 {
        epoch.wrapping_sub(self.0 >> 48) & EPOCH
    }
}

/// The last calls, up to a thousand.
#[derive(Debug)]
pub(super) struct Ring {
    size: u64,
    head: AtomicU64,
    words: Box<[AtomicU64]>,
}

impl Ring {
    /// An empty ring of so many calls, 1 to 1000.
    pub(super) fn new(size: u64) -> Self {
        let size = size.clamp(1, 1000);
        let words = (0..size.div_ceil(CALLS)).map(|_| AtomicU64::new(0)).collect();
        Self { size, head: AtomicU64::new(0), words }
    }

    /// How many calls it reaches back.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Counts a call; all calls and the bad ones with it.
    pub(super) fn record(&self, epoch: u64, bad: bool) -> (u64, u64) {
        let mut head = self.read();
        loop {
            let age = head.age(epoch);
            let next = if age == 0 {
                if head.calls() > 0 && !self.write_down(head) {
                    head = self.read();
                    continue;
                }
                self.after(head, epoch, bad)
            } else if age <= EPOCH / 2 {
                Head::new(epoch, 0, 1, u64::from(bad), bad)
            } else {
                // The ring counts a later epoch.
                return (0, 0);
            };
            match self.head.compare_exchange(head.0, next.0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return (next.calls(), next.bad()),
                Err(actual) => head = Head(actual),
            }
        }
    }

    /// All calls of the epoch that it holds, and the bad ones.
    pub(super) fn sums(&self, epoch: u64) -> (u64, u64) {
        let head = self.read();
        if head.age(epoch) == 0 {
            (head.calls(), head.bad())
        } else {
            (0, 0)
        }
    }

    /// The last of these calls in a ring of another size. What is counted meanwhile may be missing.
    pub(super) fn resized(&self, size: u64, epoch: u64) -> Self {
        let other = Self::new(size);
        let head = self.read();
        if head.age(epoch) == 0 && head.calls() > 0 {
            let turn = head.place() + self.size;
            for back in (1..head.calls()).rev() {
                other.record(epoch, self.bit((turn - back) % self.size));
            }
            other.record(epoch, head.last());
        }
        other
    }

    /// The head after one more call.
    fn after(&self, head: Head, epoch: u64, bad: bool) -> Head {
        // The largest multiple of the size, so that places go on evenly after it.
        let turns = PLACE / self.size * self.size;
        let place = if head.place() + 1 < turns { head.place() + 1 } else { 0 };
        let is_full = head.calls() == self.size;
        let forgotten = is_full && self.bit(place % self.size);
        let calls = if is_full { self.size } else { head.calls() + 1 };
        Head::new(epoch, place, calls, head.bad() + u64::from(bad) - u64::from(forgotten), bad)
    }

    /// Puts the head's last call into the ring; false if the head is another by now.
    fn write_down(&self, head: Head) -> bool {
        let place = head.place() % self.size;
        let word = self.word(place);
        let seen = word.load(Ordering::Acquire);
        // After the word was read: what stands there is older than the next head.
        if self.read() != head {
            return false;
        }
        let bit = 1 << (place % CALLS);
        if (seen & bit != 0) != head.last() {
            let changed = (seen ^ bit).wrapping_add(VERSION);
            // Changed meanwhile: while this was the head, only by another thread that did just this.
            let _ = word.compare_exchange(seen, changed, Ordering::AcqRel, Ordering::Acquire);
        }
        true
    }

    fn bit(&self, place: u64) -> bool {
        self.word(place).load(Ordering::Acquire) >> (place % CALLS) & 1 != 0
    }

    fn word(&self, place: u64) -> &AtomicU64 {
        // A place within the ring fits any integer.
        &self.words[usize::try_from(place / CALLS).unwrap_or(0)]
    }

    fn read(&self) -> Head {
        Head(self.head.load(Ordering::Acquire))
    }
}
