//! `http_server_request_duration_seconds`: how long requests took, by method, route and status.

use super::{
    answer::Answer,
    bounds::{Bounds, NotRising},
    distribution::{Distribution, Exemplar, MetricBucket},
    exemplar::{Seen, Slot},
    families::Number,
    route::{RouteId, Routes},
    shards::Shards,
    table::Table,
    Families,
};
use crate::clock::Moment;
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::value::Positive;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

const NAME: &str = "http_server_request_duration_seconds";
const HELP: &str = "How long requests took, from their arrival to the end of their response.";

/// How far the clocks must have moved against each other for the times of exemplars to follow.
const STEP: Duration = Duration::from_millis(50);

/// The histogram for one set of buckets. Each thread writes a table of its own.
#[derive(Debug)]
pub(crate) struct Durations {
    bounds: Bounds,
    tables: Shards<Table>,
    clock: Mutex<WallClock>,
}

/// One series over all threads.
#[derive(Debug)]
struct Sum {
    nanos: u64,
    buckets: Vec<(u64, Option<Seen>)>,
}

impl Durations {
    /// A histogram with these upper bounds, in seconds, strictly rising.
    ///
    /// # Errors
    /// The bounds do not rise; `check` has refused that before.
    pub(crate) fn try_new(buckets: &[Positive]) -> Result<Self, NotRising> {
        Ok(Self { bounds: Bounds::try_new(buckets)?, tables: Shards::default(), clock: Mutex::new(WallClock::now()) })
    }

    pub(crate) fn buckets(&self) -> &[Positive] {
        self.bounds.seconds()
    }

    pub(super) const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    pub(super) const fn tables(&self) -> &Shards<Table> {
        &self.tables
    }

    /// Adds up what all threads have counted.
    pub(super) fn describe(&self, routes: &Routes, families: &mut Families) {
        let clock = self.clock(WallClock::now());
        // By labels, so that the page has one order.
        let sums = self.sums();
        let sorted: BTreeMap<_, _> =
            sums.iter().map(|((route, answer), sum)| (answer.labels(routes.name(*route)), sum)).collect();
        let family = families.histogram(NAME, HELP);
        for (labels, sum) in sorted {
            family.point(&labels, self.distribution(sum, clock));
        }
    }

    /// The clock by which exemplars are told: the one of the scrape before, as long as that is about right. Two readings
    /// never agree to the millisecond, and an exemplar whose time has changed is another one to Prometheus.
    fn clock(&self, now: WallClock) -> WallClock {
        let mut kept = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.distance(now) > STEP {
            *kept = now;
        }
        *kept
    }

    fn sums(&self) -> HashMap<(RouteId, Answer), Sum> {
        let mut sums = HashMap::new();
        for table in self.tables.all() {
            table.each(|route, answer, histogram| {
                let sum: &mut Sum =
                    sums.entry((route, answer)).or_insert_with(|| Sum::of_nothing(self.bounds.buckets()));
                sum.nanos = sum.nanos.wrapping_add(histogram.nanos());
                for ((count, seen), (more, slot)) in sum.buckets.iter_mut().zip(histogram.buckets()) {
                    *count += more;
                    *seen = best(*seen, slot.and_then(Slot::read));
                }
            });
        }
        sums
    }

    fn distribution(&self, sum: &Sum, clock: WallClock) -> Distribution {
        let bounds = self.buckets().iter().map(|bound| bound.get()).chain([f64::INFINITY]);
        let mut count = 0;
        let buckets = bounds.zip(&sum.buckets).map(|(bound, (more, seen))| {
            count += more;
            MetricBucket { bound, count, exemplar: seen.map(|seen| exemplar(seen, clock)) }
        });
        Distribution { buckets: buckets.collect(), sum: Number::Seconds(Duration::from_nanos(sum.nanos)) }
    }
}

impl Sum {
    fn of_nothing(buckets: usize) -> Self {
        Self { nanos: 0, buckets: vec![(0, None); buckets] }
    }
}

fn best(one: Option<Seen>, other: Option<Seen>) -> Option<Seen> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.better(other)),
        (one, other) => one.or(other),
    }
}

fn exemplar(seen: Seen, clock: WallClock) -> Exemplar {
    Exemplar {
        trace_id: TraceId::from(seen.sighting.trace),
        span_id: SpanId::from(seen.sighting.span),
        value: Duration::from_nanos(seen.nanos),
        at: clock.at(Moment::from_nanos(seen.at)),
    }
}

/// What the wall clock showed when the other began, which is the one that a request reads because it cannot be set.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WallClock(SystemTime);

impl WallClock {
    fn now() -> Self {
        Self::read(SystemTime::now(), Moment::now())
    }

    fn read(time: SystemTime, moment: Moment) -> Self {
        Self(time.checked_sub(Duration::from_nanos(moment.nanos())).unwrap_or(SystemTime::UNIX_EPOCH))
    }

    fn at(self, moment: Moment) -> SystemTime {
        self.0.checked_add(Duration::from_nanos(moment.nanos())).unwrap_or(self.0)
    }

    fn distance(self, other: Self) -> Duration {
        self.0.duration_since(other.0).unwrap_or_else(|other| other.duration())
    }
}

#[cfg(test)]
mod tests;
