//! Numbers that are counted by many threads and never by two at once.
//!
//! A counter that all threads add to costs each of them the cache line the other has
//! just written: two threads are slower than one. Here each thread is lent a part of
//! its own, writes it with plain loads and stores, and gives it back when it ends; a
//! scrape adds the parts up. So there are as many parts as threads ever counted at the
//! same time, and what a thread has counted outlives it.

use std::sync::{
    atomic::{
        AtomicU64,
        Ordering::{Acquire, Release},
    },
    Arc, Mutex, MutexGuard, PoisonError,
};

/// A number that one thread at a time adds to, and any may read.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// Adds. Not one indivisible step: only for the thread the part was lent to.
    pub(super) fn add(&self, amount: u64) {
        // Released, so that whoever sees it sees also what its thread counted before.
        self.0.store(self.get().wrapping_add(amount), Release);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Acquire)
    }
}

/// The parts of one count, of which each is lent to one thread at a time.
#[derive(Debug)]
pub(super) struct Shards<T>(Mutex<Parts<T>>);

#[derive(Debug)]
struct Parts<T> {
    all: Vec<Arc<T>>,
    free: Vec<Arc<T>>,
}

impl<T> Default for Shards<T> {
    fn default() -> Self {
        Self(Mutex::new(Parts { all: Vec::new(), free: Vec::new() }))
    }
}

impl<T: Default> Shards<T> {
    /// A part for the calling thread alone, until [`Self::give_back`]. The lock hands over what
    /// the thread before has counted.
    pub(super) fn lend(&self) -> Arc<T> {
        let mut parts = self.parts();
        if let Some(free) = parts.free.pop() {
            return free;
        }
        let new = Arc::new(T::default());
        parts.all.push(Arc::clone(&new));
        new
    }

    /// Takes a part back for the next thread.
    pub(super) fn give_back(&self, part: &Arc<T>) {
        self.parts().free.push(Arc::clone(part));
    }

    /// Every part there is, lent or not.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.parts().all.clone()
    }

    fn parts(&self) -> MutexGuard<'_, Parts<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Shards};
    use std::sync::Barrier;

    #[test]
    fn threads_at_once_have_parts_of_their_own_and_later_ones_take_them_over() {
        let (shards, all_have_theirs): (Shards<Count>, _) = (Shards::default(), Barrier::new(4));
        let count = || {
            let part = shards.lend();
            // So that none takes over what another has given back already.
            all_have_theirs.wait();
            for _ in 0..10_000 {
                part.add(1);
            }
            shards.give_back(&part);
        };
        for _ in 0..3 {
            std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(count))));
        }
        let all = shards.all();
        assert_eq!(all.len(), 4, "as many as threads at once, and no more for those that came later");
        assert_eq!(all.iter().map(|part| part.get()).sum::<u64>(), 3 * 4 * 10_000);
    }
}
