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
    time::{Duration, SystemTime},
};

const NAME: &str = "http_server_request_duration_seconds";
const HELP: &str = "How long requests took, from their arrival to the end of their response.";

/// The histogram for one set of buckets. Each thread writes a table of its own.
#[derive(Debug)]
pub(crate) struct Durations {
    bounds: Bounds,
    tables: Shards<Table>,
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
        Ok(Self { bounds: Bounds::try_new(buckets)?, tables: Shards::default() })
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
        let clock = WallClock::now();
        // By labels, so that the page has one order.
        let sums = self.sums();
        let sorted: BTreeMap<_, _> =
            sums.iter().map(|((route, answer), sum)| (answer.labels(routes.name(*route)), sum)).collect();
        let family = families.histogram(NAME, HELP);
        for (labels, sum) in sorted {
            family.point(&labels, self.distribution(sum, clock));
        }
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

/// Both clocks at one moment: a request reads only the one that cannot be set.
#[derive(Clone, Copy, Debug)]
struct WallClock(SystemTime, Moment);

impl WallClock {
    fn now() -> Self {
        Self(SystemTime::now(), Moment::now())
    }

    fn at(self, moment: Moment) -> SystemTime {
        let Self(time, now) = self;
        time.checked_sub(now.since(moment)).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests;
