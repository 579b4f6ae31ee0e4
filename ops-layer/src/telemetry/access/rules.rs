//! Which requests get a line.

use super::share::Share;
use http::StatusCode;
use ops_config::section::{AccessRule, LoggingConfig};
use ops_config::value::Ratio;
use std::{sync::Arc, time::Duration};

/// Which requests get a line, by one configuration.
#[derive(Debug)]
pub(crate) struct AccessRules {
    rules: Box<[(AccessRule, Share)]>,
    rest: Share,
}

impl AccessRules {
    fn new(config: &LoggingConfig) -> Self {
        Self {
            rules: config.access_rules.iter().map(|rule| (rule.clone(), Share::new(rule.rate))).collect(),
            rest: Share::new(config.access_rate),
        }
    }

    fn fits(&self, config: &LoggingConfig) -> bool {
        self.rest.ratio == config.access_rate && self.rules.iter().map(|(rule, _)| rule).eq(&config.access_rules)
    }

    /// Whether a request that ended like this gets a line. The first rule that it matches says.
    pub(super) fn want(&self, path: &str, status: Option<StatusCode>, took: Duration) -> bool {
        let rule = self.rules.iter().find(|(rule, _)| matches(rule, path, status, took));
        rule.map_or(&self.rest, |(_, share)| share).takes()
    }
}

/// Whether all that a rule says is so. A request without a status is on no list of them.
fn matches(rule: &AccessRule, path: &str, status: Option<StatusCode>, took: Duration) -> bool {
    let listed = |status: StatusCode| {
        rule.statuses.as_ref().is_some_and(|listed| listed.iter().any(|pattern| pattern.matches(status.as_u16())))
    };
    rule.slower_than.is_none_or(|bound| took > bound.get())
        && (rule.statuses.is_none() || status.is_some_and(listed))
        && rule.route.as_ref().is_none_or(|route| route.matches(path))
}

/// Keeps the rules that did not change, with how far they have dealt; none where no request can get a line.
pub(crate) fn rules_for(config: &LoggingConfig, current: Option<&Arc<AccessRules>>) -> Option<Arc<AccessRules>> {
    let mut rates = config.access_rules.iter().map(|rule| rule.rate);
    if config.access_rate == Ratio::ZERO && rates.all(|rate| rate == Ratio::ZERO) {
        return None;
    }
    let kept = current.filter(|rules| rules.fits(config)).map(Arc::clone);
    Some(kept.unwrap_or_else(|| Arc::new(AccessRules::new(config))))
}
