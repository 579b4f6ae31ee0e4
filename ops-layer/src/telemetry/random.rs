//! Random numbers for ids, and for what is dealt by chance.
//!
//! An id must differ from every other of a whole fleet, for which the generators that `fastrand` keeps will not
//! do: their seed is the time and the number of the thread, which two processes may have in common, and a generator
//! of 64 bits sooner or later comes to where another one has been. Here each thread has two, seeded from the operating
//! system; ids repeat only when both meet both of another thread at once. Not for secrets: ids are no passwords.

use fastrand::Rng;
use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
};

thread_local! {
    static GENERATORS: Cell<[u64; 2]> = Cell::new(seeds());
}

/// The operating system gives the keys of `RandomState`, 128 bits to each thread.
fn seeds() -> [u64; 2] {
    let random = RandomState::new();
    [0_u8, 1].map(|which| random.hash_one(which))
}

/// A word from each of the thread's generators.
pub(super) fn words() -> [u64; 2] {
    GENERATORS.with(|generators| {
        let mut both = generators.get().map(Rng::with_seed);
        let words = both.each_mut().map(|generator| generator.u64(..));
        generators.set(both.map(|generator| generator.get_seed()));
        words
    })
}

/// From here on this thread draws what these seeds say.
#[cfg(test)]
pub(super) fn begin_with(seeds: [u64; 2]) {
    GENERATORS.set(seeds);
}

/// A random word as a number below `bound`, evenly but for one part in 2^64.
pub(super) fn below(bound: u64, random: u64) -> u64 {
    ((u128::from(random) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::{below, words};
    use std::{collections::HashSet, thread};

    #[test]
    fn neither_threads_nor_the_two_generators_of_one_say_the_same() {
        let draw = || (0..1000).flat_map(|_| words()).collect::<Vec<u64>>();
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(draw)).collect();
        let drawn: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();
        assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
    }

    #[test]
    fn a_word_falls_evenly_below_a_bound() {
        assert_eq!([0, u64::MAX / 2, u64::MAX].map(|word| below(3, word)), [0, 1, 2]);
        assert_eq!((below(1, u64::MAX), below(u64::MAX, u64::MAX)), (0, u64::MAX - 1));
    }
}
