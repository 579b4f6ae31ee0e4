//! What the log says of a collector: one line when it fails, one when it is back.

use crate::clock::Moment;
use ops_config::value::HttpUrl;
use std::time::Duration;

/// How often, at most, the same thing is said of a collector that takes some batches and others not.
const AGAIN: Duration = Duration::from_mins(1);

/// Whether the collector takes spans, as far as the log has said.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// The batches since the last one that was taken, if they failed.
    failing: Option<Failing>,
    /// Why a try failed when it was last said, and when that was.
    said: Option<(String, Moment)>,
    /// Whether it takes batches without all their spans.
    rejecting: bool,
    /// When that was last said.
    said_incomplete: Option<Moment>,
}

#[derive(Debug)]
struct Failing {
    since: Moment,
    /// How many spans had been dropped then.
    dropped: u64,
    is_said: bool,
}

impl Outage {
    /// Tries go to another collector from now on: whatever fails there has not been said. How long no
    /// spans were taken is still counted from the first failure.
    pub(super) fn retarget(&mut self) {
        self.said = None;
        self.rejecting = false;
        self.said_incomplete = None;
    }

    /// A try failed; `dropped` spans are lost so far. Said once for each cause, and not more often than
    /// each minute: a line a try would drown the log.
    pub(super) fn failed(&mut self, endpoint: &HttpUrl, cause: &str, dropped: u64) {
        let now = Moment::now();
        let failing = self.failing.get_or_insert(Failing { since: now, dropped, is_said: false });
        let is_known = failing.is_said && self.said.as_ref().is_some_and(|(said, _)| said == cause);
        if !is_known && is_due(self.said.as_ref().map(|(_, at)| *at), now) {
            failing.is_said = true;
            self.said = Some((cause.to_owned(), now));
            tracing::warn!(name: "traces.export_failed", %endpoint, error = cause, "the collector did not take spans");
        }
    }

    /// A batch was taken, all but so many of its spans.
    pub(super) fn taken(&mut self, endpoint: &HttpUrl, rejected: u64, dropped: u64) {
        let now = Moment::now();
        if let Some(failing) = self.failing.take().filter(|failing| failing.is_said) {
            tracing::info!(
                name: "traces.export_recovered",
                %endpoint,
                outage_ms = u64::try_from(now.since(failing.since).as_millis()).unwrap_or(u64::MAX),
                dropped = dropped.saturating_sub(failing.dropped),
                "the collector takes spans again"
            );
        }
        if rejected > 0 && !self.rejecting && is_due(self.said_incomplete, now) {
            self.said_incomplete = Some(now);
            tracing::warn!(name: "traces.export_incomplete", %endpoint, rejected, "the collector took a batch without some of its spans");
        }
        self.rejecting = rejected > 0;
    }
}

fn is_due(last: Option<Moment>, now: Moment) -> bool {
    last.is_none_or(|last| now.since(last) >= AGAIN)
}
