//! Buckets by key, of which there are never more than a bound, whatever clients send.

use super::bucket::{self, Bucket};
use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{
        atomic::{AtomicU64, AtomicUsize, Ordering},
        Mutex, MutexGuard, PoisonError,
    },
};

/// So many that two requests at once seldom want the same; a power of two.
const SHARDS: usize = 256;

/// Buckets by key. One whose mark the scale has passed is full, which is what a new one is, and may go.
#[derive(Debug)]
pub(super) struct Table {
    /// Keyed at random for each table: nobody can send keys that meet in one bucket, nor read them back.
    hasher: RandomState,
    shards: Box<[Shard]>,
    /// Buckets there are. Written only as they come and go.
    kept: AtomicUsize,
    /// For keys that find no place.
    shared: Bucket,
}

/// A part of the table. Each has its own line of the cache.
#[derive(Debug)]
#[repr(align(64))]
struct Shard {
    /// Until the scale is here no bucket of the shard is full: it follows each mark that falls. So a flood of keys does not
    /// search the shards in vain.
    nothing_before: AtomicU64,
    buckets: Mutex<Buckets>,
}

/// The marks of buckets by the hash of their key.
type Buckets = HashMap<u64, u64, BuildHasherDefault<Hashed>>;

impl Default for Table {
    fn default() -> Self {
        let shard = || Shard { nothing_before: AtomicU64::new(u64::MAX), buckets: Mutex::default() };
        Self {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| shard()).collect(),
            kept: AtomicUsize::new(0),
            shared: Bucket::default(),
        }
    }
}

impl Table {
    /// Takes a token from the bucket of a key, as [`bucket::take`].
    pub(super) fn take(&self, key: impl Hash, mark: u64, burst: u64, most: usize) -> Result<(), u64> {
        let hash = self.hasher.hash_one(key);
        // The map goes by the lowest bits and the highest.
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        if let Some(paid) = shard.buckets().get_mut(&hash) {
            return shard.take(paid, mark, burst);
        }
        if !self.reserve(mark, most) {
            return self.shared.take(mark, burst);
        }
        let mut buckets = shard.buckets();
        if let Some(paid) = buckets.get_mut(&hash) {
            // Another request of the key was faster.
            self.kept.fetch_sub(1, Ordering::Relaxed);
            return shard.take(paid, mark, burst);
        }
        let taken = bucket::take(0, mark, burst);
        match taken {
            Ok(paid) => {
                shard.nothing_before.fetch_min(paid, Ordering::Relaxed);
                buckets.insert(hash, paid);
            }
            Err(_) => drop(self.kept.fetch_sub(1, Ordering::Relaxed)),
        }
        taken.map(drop)
    }

    /// Buckets that owe at a mark; the others go.
    pub(super) fn keys(&self, mark: u64) -> usize {
        for shard in &self.shards {
            self.sweep(shard, mark);
        }
        self.kept.load(Ordering::Relaxed)
    }

    /// A place for one more. Only where there is none, full buckets are looked for.
    fn reserve(&self, mark: u64, most: usize) -> bool {
        let take = || {
            let more = |kept| (kept < most).then_some(kept + 1);
            self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
        };
        take() || self.shards.iter().any(|shard| self.sweep(shard, mark) > 0 && take())
    }

    /// Lets go of the full buckets of a shard. How many there were.
    fn sweep(&self, shard: &Shard, mark: u64) -> usize {
        if shard.nothing_before.load(Ordering::Relaxed) > mark {
            return 0;
        }
        let mut buckets = shard.buckets();
        let before = buckets.len();
        let mut first = u64::MAX;
        buckets.retain(|_, paid| {
            let owes = *paid > mark;
            if owes {
                first = first.min(*paid);
            }
            owes
        });
        shard.nothing_before.store(first, Ordering::Relaxed);
        let gone = before - buckets.len();
        self.kept.fetch_sub(gone, Ordering::Relaxed);
        gone
    }
}

impl Shard {
    /// Takes a token from a bucket of this shard.
    fn take(&self, paid: &mut u64, mark: u64, burst: u64) -> Result<(), u64> {
        let settled = bucket::settled(*paid, mark, burst);
        if settled < *paid {
            // The one way by which a mark falls.
            self.nothing_before.fetch_min(settled, Ordering::Relaxed);
            *paid = settled;
        }
        *paid = bucket::take(settled, mark, burst)?;
        Ok(())
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        // No code that can panic runs under the lock; a poisoned map is whole all the same.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys are hashed already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
