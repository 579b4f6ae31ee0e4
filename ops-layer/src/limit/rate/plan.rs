//! The rates' part of the plan.

use super::{counts::RateCounts, rule::Rate};
use crate::{clock::Moment, refusal::Refusal};
use http::Request;
use ops_config::{
    section::{LimitsConfig, Mode},
    value::{Name, RoutePattern},
};
use std::{collections::BTreeMap, sync::Arc};

/// The rates' part of the plan: those of one generation over the buckets of the process.
#[derive(Debug)]
pub struct RatePlan {
    counts: RateCounts,
    by_name: BTreeMap<Name, Arc<Rate>>,
    by_route: Box<[Counted]>,
}

/// Which requests a rate counts.
#[derive(Debug)]
struct Counted {
    route: RoutePattern,
    /// The pattern's place among those of its rate.
    index: usize,
    name: Name,
    rate: Arc<Rate>,
}

impl RatePlan {
    /// These rates, with what was spent under the same names in the plan in force.
    #[must_use]
    pub fn build(config: &LimitsConfig, before: Option<&Self>, counts: &RateCounts, now: Moment) -> Self {
        let mut by_name = BTreeMap::new();
        let mut by_route = Vec::new();
        for (name, rate) in &config.rates {
            let known = before.and_then(|before| before.by_name.get(name));
            let built = Arc::new(Rate::new(rate, config.mode_of(rate.mode), known.map(|known| &**known), now));
            let counted = rate.routes.iter().enumerate().map(|(index, route)| Counted {
                route: route.clone(),
                index,
                name: name.clone(),
                rate: Arc::clone(&built),
            });
            by_route.extend(counted);
            by_name.insert(name.clone(), built);
        }
        // Stable: of two rates with the same pattern, the first by name counts.
        by_route.sort_by(|one, other| one.route.cmp(&other.route));
        Self { counts: counts.clone(), by_name, by_route: by_route.into() }
    }

    /// Takes a token for a request, from the rate with the most specific pattern that matches. One that is
    /// `off` still stands before a less specific one.
    ///
    /// # Errors
    /// When there is none and the rate's mode is `enforce`.
    pub fn admit<B>(&self, request: &Request<B>, now: Moment) -> Result<(), Refusal> {
        let path = request.uri().path();
        let Some(counted) = self.by_route.iter().find(|counted| counted.route.matches(path)) else { return Ok(()) };
        if counted.rate.mode == Mode::Off {
            return Ok(());
        }
        let Err(retry_after) = counted.rate.take(request, counted.index, now) else { return Ok(()) };
        let enforced = counted.rate.mode == Mode::Enforce;
        self.counts.count(enforced);
        if enforced {
            Err(Refusal::RateLimited { limit: counted.name.clone(), retry_after })
        } else {
            Ok(())
        }
    }

    /// The buckets that owe, of each rate of which clients decide how many it has.
    #[must_use]
    pub fn keys(&self, now: Moment) -> Vec<(&Name, usize)> {
        self.by_name.iter().filter_map(|(name, rate)| Some((name, rate.keys(now)?))).collect()
    }
}
