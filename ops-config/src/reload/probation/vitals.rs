//! How a service does, in plain numbers.

/// How a service does, in plain numbers. Counts are of any time that lies before the swap that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// Whether it answers its readiness probe with yes.
    pub is_ready: bool,
    /// Requests that were answered.
    pub requests: u64,
    /// Those of them that failed through no fault of their sender: every answer with 5xx, refusals
    /// and faults that were made on purpose among them.
    pub failures: u64,
    /// How often a circuit breaker in force has opened that was closed.
    pub openings: u64,
}

impl Default for Vitals {
    /// Of a program that cannot tell: ready, and nothing else.
    fn default() -> Self {
        Self { is_ready: true, requests: 0, failures: 0, openings: 0 }
    }
}

impl Vitals {
    /// Requests and failures since `before`. A count that was begun anew meanwhile has counted nothing.
    #[must_use]
    pub const fn since(&self, before: &Self) -> (u64, u64) {
        let requests = self.requests.saturating_sub(before.requests);
        let failures = self.failures.saturating_sub(before.failures);
        (requests, if failures < requests { failures } else { requests })
    }
}
