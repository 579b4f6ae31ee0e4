//! What is counted for each request, for the life of the process.

use super::{route::Routes, Families};
use crate::refusal::Refusal;
use std::sync::{
    atomic::{AtomicU64, Ordering::Relaxed},
    Arc,
};

/// What is counted for each request, for the life of the process.
#[derive(Debug)]
pub(crate) struct HttpCounts {
    pub(super) routes: Routes,
    refused: [AtomicU64; Refusal::REASONS.len()],
    active: Arc<AtomicU64>,
}

impl HttpCounts {
    pub(crate) fn new() -> Self {
        Self {
            routes: Routes::new(),
            refused: std::array::from_fn(|_| AtomicU64::new(0)),
            active: Arc::new(AtomicU64::new(0)),
        }
    }

    pub(super) fn refuse(&self, refusal: &Refusal) {
        self.refused[refusal.reason_index()].fetch_add(1, Relaxed);
    }

    pub(super) fn enter(&self) -> Active {
        self.active.fetch_add(1, Relaxed);
        Active { count: Arc::clone(&self.active) }
    }

    /// Requests under way.
    pub(crate) fn active(&self) -> u64 {
        self.active.load(Relaxed)
    }

    pub(crate) fn describe(&self, families: &mut Families) {
        families
            .gauge("http_server_active_requests", "Requests under way, each until its response has been sent whole.")
            .point(&[], self.active());
        let refused = families.counter("ops_requests_refused_total", "Requests that the stack did not let through.");
        for (reason, count) in Refusal::REASONS.iter().zip(&self.refused) {
            refused.point(&[("reason", reason)], count.load(Relaxed));
        }
    }
}

/// One request under way.
#[derive(Debug)]
pub struct Active {
    count: Arc<AtomicU64>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Relaxed);
    }
}
