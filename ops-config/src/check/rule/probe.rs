//! Rules of `[probes]`.

use super::{Fact, Judge};
use crate::{
    diagnostic::{alternatives, nearest, Code, KeyPath, Origin},
    section::CheckConfig,
};

/// A healthy check's result is not stale before the next one can have come.
pub(super) fn results_outlive_a_round(judge: &mut Judge<'_>) {
    let probes = &judge.config.probes;
    let round = probes.interval.as_millis() + probes.timeout.as_millis();
    if probes.stale_after.as_millis() > round {
        return;
    }
    let stale = Fact::text(&["probes", "stale_after"], &probes.stale_after);
    let interval = Fact::text(&["probes", "interval"], &probes.interval);
    let timeout = Fact::text(&["probes", "timeout"], &probes.timeout);
    let sum = format!(
        "{} and {} together, which are {} and {}",
        judge.said(&interval.key),
        judge.said(&timeout.key),
        interval.value,
        timeout.value
    );
    if judge.draft.origin(&stale.key) != Origin::Default {
        let about = [&interval.key, &timeout.key];
        judge.fault(Code::StaleTooSoon, stale, format!("longer than {sum}"), "raise stale_after", &about);
        return;
    }
    // Nobody spoke of `stale_after`: what makes the round too long was said.
    let said = judge.draft.origin(&interval.key) != Origin::Default;
    let (fact, other) = if said { (interval, timeout) } else { (timeout, interval) };
    let expected = format!(
        "less than {}, which is {}, when added to {}, which is {}",
        judge.said(&stale.key),
        stale.value,
        judge.said(&other.key),
        other.value
    );
    judge.fault(Code::StaleTooSoon, fact, expected, "add a longer stale_after to `probes`", &[&stale.key, &other.key]);
}

/// To compare each of thousands of names with each of thousands of others takes seconds.
const MAX_GUESSES: usize = 100;

/// A check of a pool names one that there is.
pub(super) fn checks_name_existing_pools(judge: &mut Judge<'_>) {
    let config = judge.config;
    let pools: KeyPath = ["pools"].into_iter().collect();
    let mut guesses = MAX_GUESSES;
    for (name, check) in &config.probes.checks {
        let CheckConfig::Pool(check) = check else { continue };
        if config.pools.contains_key(&check.pool) {
            continue;
        }
        let names = || config.pools.keys().map(crate::value::Name::as_str);
        let expected = match config.pools.len() {
            0 => "the name of a pool, and there is none".to_owned(),
            _ => format!("the name of a pool: {}", alternatives(names())),
        };
        guesses = guesses.saturating_sub(1);
        let near = (guesses > 0).then(|| nearest(check.pool.as_str(), names())).flatten();
        let help = match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add a table [pools.{}]", check.pool),
        };
        let fact = Fact::text(&["probes", "checks", name.as_str(), "pool"], &check.pool);
        judge.fault(Code::UnknownName, fact, expected, help, &[&pools.key(check.pool.as_str())]);
    }
}

/// A check speaks once in each of its groups.
pub(super) fn groups_are_named_once(judge: &mut Judge<'_>) {
    for (name, check) in &judge.config.probes.checks {
        let list: KeyPath = ["probes", "checks", name.as_str(), "groups"].into_iter().collect();
        let groups = check.groups();
        for (index, group) in groups.iter().enumerate() {
            if groups[..index].contains(group) {
                let value = serde_json::to_value(group).unwrap_or_default().to_string();
                let fact = Fact { key: list.index(index), value };
                judge.fault(Code::Repeated, fact, "each group once", "remove one of the two", &[&list]);
            }
        }
    }
}
