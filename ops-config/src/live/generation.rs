//! One published configuration.

use crate::check::Checked;
use std::{sync::Arc, time::SystemTime};

/// One published configuration, with what was built from it.
#[derive(Debug)]
pub struct Generation<P> {
    /// Counts applied changes; the first is 1.
    pub seq: u64,
    /// When it was put in force.
    pub loaded_at: SystemTime,
    /// The configuration and where each value came from.
    pub checked: Arc<Checked>,
    /// What was built from it.
    pub plan: P,
}
