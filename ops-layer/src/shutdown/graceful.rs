//! The end of the process, step by step, with a deadline for the whole.

use super::Connections;
use futures_util::FutureExt;
use ops_config::section::ShutdownConfig;
use std::{future::Future, pin::pin, time::Duration};
use tokio::time::{interval_at, sleep_until, timeout, timeout_at, Instant};

/// What each step after the deadline still gets. There are four of them, and the last line of the log takes
/// its time after them: all together well within a second.
const LEAST: Duration = Duration::from_millis(120);

/// What the rest of the process does at its end. Each step is given up when its time is over.
pub trait Hooks: Send + Sync {
    /// Readiness fails from now on.
    fn fail_readiness(&mut self);

    /// Closes what the requests used, when the last one has ended.
    fn close_pools(&mut self, by: Instant) -> impl Future<Output = ()> + Send;

    /// Said each second while so many requests are waited for.
    fn waits(&self, _in_flight: u64) {}

    /// Sends out the telemetry that is left.
    fn flush_telemetry(&mut self, by: Instant) -> impl Future<Output = ()> + Send;
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Requests that ended after the shutdown began.
    pub finished: u64,
    /// Requests that were cut.
    pub aborted: u64,
    /// Whether a second signal ended it early.
    pub forced: bool,
    /// How long it took.
    pub took: Duration,
}

/// Ends the process without losing a request that can be answered in time.
///
/// Readiness fails → requests are still taken for the drain delay → no new connections, idle ones close,
/// the others finish → at the deadline the rest is cut → pools close → telemetry is flushed.
#[derive(Clone, Debug, Default)]
pub struct GracefulShutdown {
    traffic: Connections,
    side: Connections,
}

impl GracefulShutdown {
    /// Nothing is served yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The connections that carry the service's own requests.
    #[must_use]
    pub const fn traffic(&self) -> &Connections {
        &self.traffic
    }

    /// The connections of the metrics and admin listeners. They are served until the end, so that probes can
    /// say "not ready" and a scrape can see the last numbers.
    #[must_use]
    pub const fn side(&self) -> &Connections {
        &self.side
    }

    /// Shuts down. Takes `config.timeout`, and less than a second more where something is stuck; `force`
    /// ends the waiting at once.
    pub async fn shutdown(
        &self,
        config: &ShutdownConfig,
        hooks: &mut impl Hooks,
        force: impl Future<Output = ()> + Send,
    ) -> ShutdownReport {
        let begin = Instant::now();
        let deadline = begin + config.timeout.get();
        let ended_before = self.traffic.ended();
        let in_flight = self.traffic.in_flight();
        tracing::info!(name: "shutdown.started", in_flight, timeout = %config.timeout, drain_delay = %config.drain_delay, "shutting down");

        hooks.fail_readiness();
        // Once it has come, it never comes again.
        let mut force = pin!(force.fuse());
        let delay = sleep_until((begin + config.drain_delay.get()).min(deadline));
        let mut forced = tokio::select! {
            biased;
            () = force.as_mut() => true,
            () = delay => false,
        };
        self.traffic.drain();
        forced = forced || self.wait(deadline, hooks, force.as_mut()).await;
        let finished = self.traffic.ended() - ended_before;
        let aborted = self.traffic.abort();
        // Only what was cut is left, and a cut task ends as soon as it is polled.
        let _ = timeout(LEAST, self.traffic.finished()).await;

        let now = Instant::now();
        let left = if forced { Duration::ZERO } else { deadline.saturating_duration_since(now) };
        let half = now + (left / 2).max(LEAST);
        forced |= step(hooks.close_pools(half), half, force.as_mut()).await;
        let now = Instant::now();
        let left = if forced { Duration::ZERO } else { deadline.saturating_duration_since(now) };
        let rest = now + left.max(LEAST);
        forced |= step(hooks.flush_telemetry(rest), rest, force).await;

        self.side.drain();
        let _ = timeout(LEAST, self.side.finished()).await;
        let _ = self.side.abort();
        let report = ShutdownReport { finished, aborted, forced, took: begin.elapsed() };
        let took_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(name: "shutdown.finished", finished, aborted, forced, took_ms, "shut down");
        report
    }

    /// Waits for the last request, says each second how many are left, and gives up at the deadline or by force.
    async fn wait(&self, deadline: Instant, hooks: &impl Hooks, mut force: impl Future<Output = ()> + Unpin) -> bool {
        let second = Duration::from_secs(1);
        let mut progress = interval_at(Instant::now() + second, second);
        loop {
            tokio::select! {
                biased;
                () = self.traffic.finished() => return false,
                () = sleep_until(deadline) => return false,
                () = &mut force => return true,
                _ = progress.tick() => {
                    let (in_flight, upgraded, connections) =
                        (self.traffic.in_flight(), self.traffic.upgraded(), self.traffic.open());
                    let left_ms = deadline.saturating_duration_since(Instant::now()).as_millis();
                    let left_ms = u64::try_from(left_ms).unwrap_or(u64::MAX);
                    hooks.waits(in_flight);
                    tracing::info!(name: "shutdown.waits", in_flight, upgraded, connections, left_ms, "requests are under way");
                }
            }
        }
    }
}

/// Takes a step until its time is over. By force, it gets the least time from then on; tells whether that was so.
async fn step(step: impl Future<Output = ()>, by: Instant, force: impl Future<Output = ()>) -> bool {
    let mut step = pin!(step);
    tokio::select! {
        biased;
        () = step.as_mut() => return false,
        () = sleep_until(by) => return false,
        () = force => {}
    }
    let _ = timeout_at(by.min(Instant::now() + LEAST), step).await;
    true
}
