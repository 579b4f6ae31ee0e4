//! One request under way.

use super::{answer::Answer, exemplar::Sighting, http::HttpCounts, local, route::RouteId, Method};
use crate::{clock::Moment, refusal::Refusal, telemetry::trace::current_sighting};
use http::StatusCode;
use std::sync::Arc;

/// One request under way; it is counted when this is dropped, be that at the end of the response,
/// at its failure, or because nobody waits any more. It holds no part of the counts, only which
/// ones they are: a reference would be counted up and down for each request.
#[derive(Debug)]
pub(crate) struct Recording {
    counts: u64,
    route: RouteId,
    answer: Answer,
    failed: bool,
    started: Moment,
}

impl Recording {
    pub(super) fn new(counts: &Arc<HttpCounts>, route: Option<&str>, method: Method, started: Moment) -> Self {
        local::with(counts.id(), || Some(Arc::clone(counts)), |local| local.tally().begin());
        Self {
            counts: counts.id(),
            route: route.map_or(RouteId::OTHER, |route| counts.routes.id(route)),
            answer: Answer::none_to(method),
            failed: false,
            started,
        }
    }

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.local(|local| local.tally().refuse(refusal));
        // A dropped connection has no status to count.
        if *refusal != Refusal::Dropped {
            self.answered(refusal.status());
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode) {
        self.answer.status = Some(status);
    }

    /// The service gave an error in place of an answer.
    pub(super) fn failed(&mut self) {
        self.failed = true;
    }

    pub(super) fn routed(&mut self, route: &str) {
        let mut id = self.route;
        self.local(|local| id = local.http().routes.id(route));
        self.route = id;
    }

    fn local(&self, work: impl FnOnce(&mut local::Local)) {
        local::with(self.counts, || HttpCounts::living(self.counts), work);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let sighting = current_sighting().map(|(trace, span, is_recorded)| Sighting {
            trace: u128::from_be_bytes(trace.to_bytes()),
            span: u64::from_be_bytes(span.to_bytes()),
            is_recorded,
        });
        // A panic unwinds through the one request that is being worked on, in its answer's head or in its body.
        let failed = self.failed || self.answer.is_failure() || std::thread::panicking();
        self.local(|local| {
            local.observe(self.route, self.answer, self.started, sighting);
            local.tally().end(failed);
        });
    }
}
