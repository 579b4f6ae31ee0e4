//! The cell that holds the generation in force.

use super::Generation;
use arc_swap::{ArcSwap, Cache};
use std::sync::Arc;

/// Puts generations in force. There is one for each cell, and it cannot be cloned.
#[derive(Debug)]
pub struct Publisher<P> {
    cell: Arc<ArcSwap<Generation<P>>>,
}

/// Reads what is in force. Cheap to clone; has no setter.
#[derive(Debug)]
pub struct Live<P> {
    cell: Arc<ArcSwap<Generation<P>>>,
}

/// Reads what is in force again and again: one atomic read while nothing has changed.
#[derive(Debug)]
pub struct Reader<P> {
    cache: Cache<Arc<ArcSwap<Generation<P>>>, Arc<Generation<P>>>,
}

impl<P> Publisher<P> {
    /// A cell with its first generation.
    #[must_use]
    pub fn new(first: Generation<P>) -> (Self, Live<P>) {
        let cell = Arc::new(ArcSwap::from_pointee(first));
        (Self { cell: Arc::clone(&cell) }, Live { cell })
    }

    /// Puts a generation in force by one store and gives back the one before.
    pub fn publish(&mut self, next: Generation<P>) -> Arc<Generation<P>> {
        self.cell.swap(Arc::new(next))
    }

    /// The generation in force.
    #[must_use]
    pub fn current(&self) -> Arc<Generation<P>> {
        self.cell.load_full()
    }
}

impl<P> Live<P> {
    /// The generation in force, owned.
    #[must_use]
    pub fn current(&self) -> Arc<Generation<P>> {
        self.cell.load_full()
    }

    /// A reader of one's own, for a place that reads often.
    #[must_use]
    pub fn reader(&self) -> Reader<P> {
        Reader { cache: Cache::new(Arc::clone(&self.cell)) }
    }
}

impl<P> Clone for Live<P> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell) }
    }
}

impl<P> Reader<P> {
    /// The generation in force.
    pub fn get(&mut self) -> &Arc<Generation<P>> {
        self.cache.load()
    }
}

impl<P> Clone for Reader<P> {
    fn clone(&self) -> Self {
        Self { cache: self.cache.clone() }
    }
}
