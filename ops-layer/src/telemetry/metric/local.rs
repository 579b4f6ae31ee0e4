//! What the thread that runs counts into.
//!
//! A request takes nothing along but a number: the counts it belongs to. Whatever thread
//! it ends on, that thread counts it, so that no reference is counted up and down and no
//! cache line goes from one processor to another for a request.

use super::{
    answer::Answer,
    duration::Durations,
    exemplar::Sighting,
    http::{HttpCounts, Tally},
    route::RouteId,
    table::Table,
};
use crate::clock::Moment;
use std::{cell::Cell, sync::Arc};

thread_local! {
    /// One program has one set of counts. A thread that serves two, as in tests, takes turns.
    static LOCAL: Cell<Option<Box<Local>>> = const { Cell::new(None) };
}

/// The parts of the counts that one thread writes.
#[derive(Debug)]
pub(super) struct Local {
    http: Arc<HttpCounts>,
    tally: Arc<Tally>,
    epoch: u64,
    durations: Option<(Arc<Durations>, Arc<Table>)>,
}

/// Runs `work` with this thread's part of the counts of this number; `find` finds them where
/// the thread has not counted for them last. Nothing happens where they are gone.
pub(super) fn with(id: u64, find: impl FnOnce() -> Option<Arc<HttpCounts>>, work: impl FnOnce(&mut Local)) {
    // At the end of a thread a request may end in the destructor of another thread-local, after
    // this one is gone: then a part is lent for this one request, and given back with `local`.
    let kept = LOCAL.try_with(Cell::take).ok().flatten();
    let Some(mut local) =
        kept.filter(|local| local.http.id() == id).or_else(|| find().map(|http| Box::new(Local::new(http))))
    else {
        return;
    };
    work(&mut local);
    let _ = LOCAL.try_with(|slot| slot.set(Some(local)));
}

impl Local {
    fn new(http: Arc<HttpCounts>) -> Self {
        let tally = http.tallies().lend();
        // No epoch is 0: the histogram in force is looked up first of all.
        Self { http, tally, epoch: 0, durations: None }
    }

    pub(super) fn http(&self) -> &HttpCounts {
        &self.http
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Counts how long a request took that ends now.
    pub(super) fn observe(&mut self, route: RouteId, answer: Answer, started: Moment, sighting: Option<Sighting>) {
        let now = Moment::now();
        self.renew();
        if let Some((durations, table)) = &self.durations {
            let nanos = now.nanos().saturating_sub(started.nanos());
            let bounds = durations.bounds();
            table.series(route, answer, bounds, |histogram| histogram.observe(bounds, nanos, now, sighting));
        }
    }

    /// Follows a change of the buckets.
    fn renew(&mut self) {
        let epoch = self.http.epoch();
        if self.epoch != epoch {
            self.give_back();
            self.epoch = epoch;
            self.durations = self.http.durations().map(|durations| {
                let table = durations.tables().lend();
                (durations, table)
            });
        }
    }

    fn give_back(&mut self) {
        if let Some((durations, table)) = self.durations.take() {
            durations.tables().give_back(&table);
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.give_back();
        self.http.tallies().give_back(&self.tally);
    }
}
