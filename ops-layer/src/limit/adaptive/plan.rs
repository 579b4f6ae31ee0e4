//! The adaptive limit's part of the plan.

use super::{
    gradient::Rules,
    learned::{AdaptiveLimit, Bounds, Place},
};
use crate::{clock::Moment, refusal::Refusal};
use ops_config::section::{LimitsConfig, Mode};

/// The adaptive limit's part of the plan: the bounds of one generation over what the process has learnt.
#[derive(Clone, Debug)]
pub struct AdaptivePlan {
    limit: AdaptiveLimit,
    bounds: Option<Bounds>,
    enforced: bool,
}

impl AdaptivePlan {
    /// These bounds over this limit; none where the table is left out or its mode is `off`.
    #[must_use]
    pub fn build(config: &LimitsConfig, limit: &AdaptiveLimit) -> Self {
        let table = config.adaptive.as_ref().map(|table| (table, config.mode_of(table.mode)));
        let table = table.filter(|(_, mode)| *mode != Mode::Off);
        let bounds = table.map(|(table, _)| {
            let (floor, ceiling) = (table.floor.get(), table.ceiling.get());
            // A count of at most a million.
            let rules = |floor: u32, ceiling: u32| Rules {
                floor: f64::from(floor),
                ceiling: f64::from(ceiling),
                tolerance: table.tolerance.get(),
            };
            let rules = rules(table.floor.as_u32(), table.ceiling.as_u32());
            Bounds { rules, floor, ceiling, window: table.window.get() }
        });
        let enforced = table.is_some_and(|(_, mode)| mode == Mode::Enforce);
        Self { limit: limit.clone(), bounds, enforced }
    }

    /// How many requests may be under way at once; none where that is not limited.
    #[must_use]
    pub fn bound(&self) -> Option<u64> {
        self.bounds.as_ref().map(|bounds| self.limit.bound(bounds))
    }

    /// Admits a request that came in at `started`. None: it passes without a place, because nothing is limited.
    ///
    /// # Errors
    /// When as many requests are under way as the limit allows now.
    pub fn admit(&self, started: Moment) -> Result<Option<Place>, Refusal> {
        let Some(bounds) = self.bounds else { return Ok(None) };
        if !self.enforced {
            return Ok(Some(self.limit.acquire(bounds, started)));
        }
        self.limit.try_acquire(bounds, started).map(Some).ok_or(Refusal::Overloaded)
    }
}
