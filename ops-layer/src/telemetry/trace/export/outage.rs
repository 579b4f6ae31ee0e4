//! What the log says of a collector: one line when it fails, one when it is back.

use crate::clock::Moment;
use ops_config::value::HttpUrl;

/// Whether the collector takes spans, as far as the log has said.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Since when not, and how many spans had been dropped then.
    since: Option<(Moment, u64)>,
    /// Whether it takes batches without all their spans.
    rejecting: bool,
}

impl Outage {
    /// A try failed; `dropped` spans are lost so far. Said once: a line a try would drown the log.
    pub(super) fn failed(&mut self, endpoint: &HttpUrl, cause: &str, dropped: u64) {
        if self.since.is_none() {
            self.since = Some((Moment::now(), dropped));
            tracing::warn!(name: "traces.export_failed", %endpoint, error = cause, "the collector did not take spans");
        }
    }

    /// A batch was taken, all but so many of its spans.
    pub(super) fn taken(&mut self, endpoint: &HttpUrl, rejected: u64, dropped: u64) {
        if let Some((since, before)) = self.since.take() {
            tracing::info!(
                name: "traces.export_recovered",
                %endpoint,
                outage_ms = Moment::now().since(since).as_millis(),
                dropped = dropped.saturating_sub(before),
                "the collector takes spans again"
            );
        }
        if rejected > 0 && !self.rejecting {
            tracing::warn!(name: "traces.export_incomplete", %endpoint, rejected, "the collector took a batch without some of its spans");
        }
        self.rejecting = rejected > 0;
    }
}
