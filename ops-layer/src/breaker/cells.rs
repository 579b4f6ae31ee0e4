//! Counts that every thread keeps in memory of its own.
//!
//! A success is what nearly every call ends in. One number that all threads add to would be the only
//! thing that the threads of a healthy service write, each taking the cache line from the other. So each
//! thread has a cell for each circuit, which it alone writes, by a plain load and store; whoever reads
//! the metrics adds them up. A thread that ends leaves its cells, with what they say, to the next one.

use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
};

/// Each block is twice as long as the one before; the first has so many cells.
const FIRST: usize = 64;
const BLOCKS: usize = 26;

/// The cells of one thread. Blocks are made when their first cell is used.
#[derive(Debug)]
struct Cells {
    blocks: [OnceLock<Box<[AtomicU64]>>; BLOCKS],
}

impl Cells {
    fn new() -> Self {
        Self { blocks: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// The block of a place, and the place in it.
    fn find(place: usize) -> (usize, usize) {
        let block = (place / FIRST + 1).ilog2();
        let before = ((1 << block) - 1) * FIRST;
        // The logarithm of an index fits any integer.
        (usize::try_from(block).unwrap_or(0), place - before)
    }

    /// Only for the thread that it is lent to.
    fn add(&self, place: usize) {
        let (block, at) = Self::find(place);
        let block = self.blocks[block].get_or_init(|| (0..FIRST << block).map(|_| AtomicU64::new(0)).collect());
        let cell = &block[at];
        cell.store(cell.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
    }

    fn get(&self, place: usize) -> u64 {
        let (block, at) = Self::find(place);
        self.blocks[block].get().map_or(0, |block| block[at].load(Ordering::Acquire))
    }
}

#[derive(Default)]
struct Pool {
    all: Vec<Arc<Cells>>,
    /// Those that no thread has.
    free: Vec<Arc<Cells>>,
    /// Places that were given back, and the first that was never given.
    places: Vec<usize>,
    next: usize,
}

impl Pool {
    fn sum(&self, place: usize) -> u64 {
        self.all.iter().map(|cells| cells.get(place)).fold(0, u64::wrapping_add)
    }
}

static POOL: Mutex<Pool> = Mutex::new(Pool { all: Vec::new(), free: Vec::new(), places: Vec::new(), next: 0 });

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a thread has, as long as it lives.
struct Lent(Arc<Cells>);

impl Lent {
    fn take() -> Self {
        let mut pool = pool();
        let cells = pool.free.pop().unwrap_or_else(|| {
            let new = Arc::new(Cells::new());
            pool.all.push(Arc::clone(&new));
            new
        });
        Self(cells)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        pool().free.push(Arc::clone(&self.0));
    }
}

thread_local! {
    static LENT: Lent = Lent::take();
}

/// A number that threads add to without meeting.
#[derive(Debug)]
pub(super) struct Count {
    place: usize,
    /// What those before at this place had counted.
    before: u64,
}

impl Count {
    pub(super) fn new() -> Self {
        let mut pool = pool();
        let place = pool.places.pop().unwrap_or_else(|| {
            pool.next += 1;
            pool.next - 1
        });
        Self { place, before: pool.sum(place) }
    }

    pub(super) fn add(&self) {
        // At the end of a thread its own may be gone already: then others are taken for this once.
        if LENT.try_with(|lent| lent.0.add(self.place)).is_err() {
            Lent::take().0.add(self.place);
        }
    }

    pub(super) fn get(&self) -> u64 {
        pool().sum(self.place).wrapping_sub(self.before)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        pool().places.push(self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::Count;
    use std::thread::scope;

    #[test]
    fn what_threads_count_outlives_them_and_is_none_of_the_next_ones() {
        let counts: Vec<Count> = (0..200).map(|_| Count::new()).collect();
        for _ in 0..3 {
            let count_all = || (0..100).for_each(|_| counts.iter().for_each(Count::add));
            scope(|scope| (0..4).for_each(|_| drop(scope.spawn(count_all))));
        }
        assert!(counts.iter().all(|count| count.get() == 3 * 4 * 100));
        drop(counts);
        let next: Vec<Count> = (0..200).map(|_| Count::new()).collect();
        assert!(next.iter().all(|count| count.get() == 0));
    }
}
