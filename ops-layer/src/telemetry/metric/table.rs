//! The histograms that one thread writes, found by number.
//!
//! What that takes, for each thread that ends requests: 16 KiB; 2 KiB for each route; and for each series, at 14
//! buckets and the last one, 128 bytes of counts and 960 of exemplars. With 64 threads, 50 routes and 4 answers
//! each that is 21 MiB; no more than the bound of routes allows, and handed on to the next thread, not given back.

use super::{
    answer::Answer,
    bounds::Bounds,
    exemplar::{Seen, Sighting, Slot},
    route::{RouteId, IDS},
    shards::Count,
};
use crate::clock::Moment;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Pairs of method and status that one route finds without a lock; more are rare and take one.
const CELLS: usize = 32;

type Cells = [OnceLock<(Answer, Histogram)>; CELLS];

/// The histograms that one thread writes, found by number and not by label: hashing three
/// strings under a lock for each request costs four times as much as all the rest.
#[derive(Debug)]
pub(super) struct Table {
    routes: Box<[OnceLock<Box<Cells>>]>,
    rest: Mutex<Vec<(RouteId, Answer, Arc<Histogram>)>>,
}

impl Default for Table {
    fn default() -> Self {
        Self { routes: (0..IDS).map(|_| OnceLock::new()).collect(), rest: Mutex::default() }
    }
}

impl Table {
    /// Shows the histogram of a series, made empty where it is the first time.
    pub(super) fn series(&self, route: RouteId, answer: Answer, bounds: &Bounds, work: impl FnOnce(&Histogram)) {
        let cells = self.routes[route.index()].get_or_init(|| Box::new([const { OnceLock::new() }; CELLS]));
        let start = answer.place();
        for step in 0..CELLS {
            let (held, histogram) =
                cells[(start + step) % CELLS].get_or_init(|| (answer, Histogram::new(bounds.buckets())));
            if *held == answer {
                return work(histogram);
            }
        }
        work(&self.rare(route, answer, bounds));
    }

    fn rare(&self, route: RouteId, answer: Answer, bounds: &Bounds) -> Arc<Histogram> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., histogram)) = rest.iter().find(|(at, held, _)| (*at, *held) == (route, answer)) {
            return Arc::clone(histogram);
        }
        let histogram = Arc::new(Histogram::new(bounds.buckets()));
        rest.push((route, answer, Arc::clone(&histogram)));
        histogram
    }

    /// Shows every histogram there is.
    pub(super) fn each(&self, mut look: impl FnMut(RouteId, Answer, &Histogram)) {
        for (route, cells) in self.routes.iter().enumerate() {
            for (answer, histogram) in cells.get().into_iter().flat_map(|cells| cells.iter()).filter_map(OnceLock::get)
            {
                look(RouteId::at(route), *answer, histogram);
            }
        }
        for (route, answer, histogram) in self.rest.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            look(*route, *answer, histogram);
        }
    }
}

/// How many counts fill two cache lines, which processors fetch together.
const LINE: usize = 16;

/// Counts that share no cache line with anybody else's.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line([Count; LINE]);

/// One thread's part of one series.
#[derive(Debug)]
pub(super) struct Histogram {
    /// The sum in nanoseconds, then each bucket on its own, the last beyond all bounds. The number of
    /// observations is the sum of these, so that the two never tell different things.
    lines: Box<[Line]>,
    buckets: usize,
    /// Made with the first request that has a trace: all of a whole stack, and none of these layers alone.
    exemplars: OnceLock<Box<[Slot]>>,
}

impl Histogram {
    fn new(buckets: usize) -> Self {
        let lines = (0..(buckets + 1).div_ceil(LINE)).map(|_| Line::default()).collect();
        Self { lines, buckets, exemplars: OnceLock::new() }
    }

    fn count(&self, at: usize) -> &Count {
        &self.lines[at / LINE].0[at % LINE]
    }

    pub(super) fn observe(&self, bounds: &Bounds, nanos: u64, now: Moment, sighting: Option<Sighting>) {
        let bucket = bounds.bucket(nanos);
        self.count(0).add(nanos);
        self.count(1 + bucket).add(1);
        if let Some(sighting) = sighting {
            let slots = self.exemplars.get_or_init(|| (0..self.buckets).map(|_| Slot::default()).collect());
            slots[bucket].offer(Seen { sighting, nanos, at: now.nanos() });
        }
    }

    /// The sum of what was observed, in nanoseconds.
    pub(super) fn nanos(&self) -> u64 {
        self.count(0).get()
    }

    /// How many observations each bucket holds, and what leads to one of them.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (u64, Option<&Slot>)> {
        let exemplars = self.exemplars.get();
        (0..self.buckets).map(move |at| (self.count(1 + at).get(), exemplars.map(|slots| &slots[at])))
    }
}
