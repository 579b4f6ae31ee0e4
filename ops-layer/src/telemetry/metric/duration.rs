//! `http_server_request_duration_seconds`: how long requests took, by method, route and status.

use super::{
    http::HttpCounts,
    route::{RouteId, Routes, IDS},
    Method,
};
use crate::{clock::Moment, refusal::Refusal};
use http::StatusCode;
use ops_config::value::Positive;
use prometheus::{core::Collector, proto::MetricFamily, Histogram, HistogramOpts, HistogramVec};
use std::sync::{Arc, OnceLock};

const NAME: &str = "http_server_request_duration_seconds";
const HELP: &str = "How long requests took, from their arrival to the end of their response.";
const LABELS: [&str; 3] = ["http_request_method", "http_route", "http_response_status_code"];

/// Pairs of method and status that one route finds without a lock; more are rare and take one.
const CELLS: usize = 32;

/// The histogram for one set of buckets. The series of a request is found by number, not by
/// label: hashing three strings under a lock for each request costs four times as much.
#[derive(Debug)]
pub(crate) struct Durations {
    buckets: Vec<Positive>,
    series: HistogramVec,
    routes: Box<[OnceLock<Box<Cells>>]>,
    /// The histogram that took the place of this one; requests that began before are counted there.
    next: OnceLock<Arc<Durations>>,
}

type Cells = [OnceLock<(Answer, Histogram)>; CELLS];

/// How a request ended, as far as labels tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    method: Method,
    status: Option<StatusCode>,
}

impl Durations {
    /// A histogram with these upper bounds, in seconds, strictly rising.
    ///
    /// # Errors
    /// The bounds do not rise; `check` has refused that before.
    pub(crate) fn try_new(buckets: &[Positive]) -> Result<Self, prometheus::Error> {
        let bounds = buckets.iter().map(|bound| bound.get()).collect();
        let series = HistogramVec::new(HistogramOpts::new(NAME, HELP).buckets(bounds), &LABELS)?;
        // A histogram checks its bounds when the first series is made: make one, and forget it.
        series.get_metric_with_label_values(&[""; 3])?;
        series.reset();
        let routes = (0..IDS).map(|_| OnceLock::new()).collect();
        Ok(Self { buckets: buckets.to_vec(), series, routes, next: OnceLock::new() })
    }

    pub(crate) fn buckets(&self) -> &[Positive] {
        &self.buckets
    }

    /// From now on, what would be counted here is counted there.
    pub(crate) fn replace_by(&self, next: Arc<Self>) {
        let _ = self.next.set(next);
    }

    pub(crate) fn collect(&self) -> Vec<MetricFamily> {
        self.series.collect()
    }

    /// Requests that ended, and those of them that were answered with 5xx. Only reads what requests have counted;
    /// of a route that answers in more than 32 ways, the rare ones are left out.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let cells = self.routes.iter().filter_map(OnceLock::get).flat_map(|cells| cells.iter());
        cells.filter_map(OnceLock::get).fold((0, 0), |(requests, failures), (answer, histogram)| {
            let count = histogram.get_sample_count();
            let failed = answer.status.is_some_and(|status| status.is_server_error());
            (requests + count, failures + if failed { count } else { 0 })
        })
    }

    fn observe(&self, routes: &Routes, route: RouteId, answer: Answer, seconds: f64) {
        if let Some(next) = self.next.get() {
            return next.observe(routes, route, answer, seconds);
        }
        let cells = self.routes[route.index()].get_or_init(|| Box::new([const { OnceLock::new() }; CELLS]));
        let start = answer.place();
        for step in 0..CELLS {
            let cell = &cells[(start + step) % CELLS];
            let Some((held, histogram)) = cell.get().or_else(|| {
                let histogram = self.resolve(routes.name(route), answer)?;
                Some(cell.get_or_init(|| (answer, histogram)))
            }) else {
                return;
            };
            if *held == answer {
                return histogram.observe(seconds);
            }
        }
        if let Some(histogram) = self.resolve(routes.name(route), answer) {
            histogram.observe(seconds);
        }
    }

    fn resolve(&self, route: &str, answer: Answer) -> Option<Histogram> {
        let status = answer.status.as_ref().map_or("", StatusCode::as_str);
        // Three values for three labels: never an error.
        self.series.get_metric_with_label_values(&[answer.method.label(), route, status]).ok()
    }
}

impl Answer {
    fn place(self) -> usize {
        let status = self.status.map_or(0, |status| usize::from(status.as_u16()));
        status * 7 + self.method as usize * 5
    }
}

/// One request under way; it is counted when this is dropped, be that at the end of the
/// response, at its failure, or because nobody waits any more.
#[derive(Debug)]
pub(crate) struct Recording {
    durations: Arc<Durations>,
    http: Arc<HttpCounts>,
    route: RouteId,
    answer: Answer,
    started: Moment,
}

impl Recording {
    pub(super) fn new(
        durations: &Arc<Durations>,
        http: &Arc<HttpCounts>,
        route: Option<&str>,
        method: Method,
        started: Moment,
    ) -> Self {
        Self {
            durations: Arc::clone(durations),
            http: Arc::clone(http),
            route: route.map_or(RouteId::OTHER, |route| http.routes.id(route)),
            answer: Answer { method, status: None },
            started,
        }
    }

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.http.refuse(refusal);
        // A dropped connection has no status to count.
        if *refusal != Refusal::Dropped {
            self.answered(refusal.status());
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode) {
        self.answer.status = Some(status);
    }

    pub(super) fn routed(&mut self, route: &str) {
        self.route = self.http.routes.id(route);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let seconds = Moment::now().since(self.started).as_secs_f64();
        self.durations.observe(&self.http.routes, self.route, self.answer, seconds);
    }
}

#[cfg(test)]
mod tests;
