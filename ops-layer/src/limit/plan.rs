//! The limit's part of the plan.

use super::gate::{LoadLimit, Permit};
use crate::refusal::Refusal;
use ops_config::section::{LimitsConfig, Mode};

/// The limit's part of the plan: the bound of one generation over the permits of the process.
#[derive(Clone, Debug)]
pub struct LimitPlan {
    limit: LoadLimit,
    bound: u64,
    mode: Mode,
}

impl LimitPlan {
    /// This bound over these permits.
    #[must_use]
    pub fn build(config: &LimitsConfig, limit: &LoadLimit) -> Self {
        Self {
            limit: limit.clone(),
            bound: config.max_in_flight.get(),
            mode: config.mode_of(config.modes.max_in_flight),
        }
    }

    /// How many requests may be under way at once.
    #[must_use]
    pub const fn bound(&self) -> u64 {
        self.bound
    }

    /// Admits a request. None: it passes without a permit, because the mode is `off`.
    ///
    /// # Errors
    /// When as many permits are held as the bound allows.
    pub fn admit(&self) -> Result<Option<Permit>, Refusal> {
        match self.mode {
            Mode::Off => Ok(None),
            Mode::Observe => Ok(Some(self.limit.acquire(self.bound))),
            Mode::Enforce => self.limit.try_acquire(self.bound).map(Some).ok_or(Refusal::Overloaded),
        }
    }
}
