//! Rules across keys, each one small function.
//!
//! A rule reads the decoded configuration and says what contradicts what; it names
//! every key it looked at, because a rule about a value that is itself at fault
//! says nothing. To add one: write the function, add its line to [`ALL`].

mod address;
mod breaker;
mod chaos;
mod limit;
mod listener;
mod pool;
mod probe;
mod retry;
mod shutdown;
mod telemetry;

use super::fix;
use crate::{
    diagnostic::{Code, KeyPath, Note, Origin, Violation},
    section::OpsConfig,
    source::Draft,
};

/// A fault, and the keys whose values it rests on.
pub(super) struct Finding {
    pub(super) violation: Violation,
    pub(super) about: Vec<KeyPath>,
}

/// Every rule.
const ALL: &[fn(&mut Judge<'_>)] = &[
    telemetry::buckets_rise,
    listener::no_two_share_an_address,
    listener::an_open_admin_listener_has_a_token,
    shutdown::the_drain_ends_before_the_timeout,
    probe::results_outlive_a_round,
    probe::checks_name_existing_pools,
    probe::groups_are_named_once,
    limit::the_floor_is_not_above_the_ceiling,
    pool::bounds_agree,
    breaker::rates_are_above_zero,
    breaker::the_default_has_no_routes,
    retry::backoffs_agree,
    chaos::only_where_it_is_allowed,
    chaos::jitter_is_within_latency,
];

/// What the rules find.
pub(super) fn judge(config: &OpsConfig, draft: &Draft) -> Vec<Finding> {
    let mut judge = Judge { config, draft, findings: Vec::new() };
    for rule in ALL {
        rule(&mut judge);
    }
    judge.findings
}

struct Judge<'c> {
    config: &'c OpsConfig,
    draft: &'c Draft,
    findings: Vec<Finding>,
}

/// A key with its value, as a rule speaks of it.
struct Fact {
    key: KeyPath,
    value: String,
}

impl Fact {
    fn new(key: &[&str], value: &impl ToString) -> Self {
        Self { key: key.iter().copied().collect(), value: value.to_string() }
    }

    /// A value that is written in quotes.
    fn text(key: &[&str], value: &impl ToString) -> Self {
        Self::new(key, &format!("\"{}\"", value.to_string()))
    }
}

impl Judge<'_> {
    /// The value at a key is at fault, because of those it is about; where they stand is shown too.
    fn fault(
        &mut self,
        code: Code,
        fact: Fact,
        expected: impl Into<String>,
        help: impl Into<String>,
        about: &[&KeyPath],
    ) {
        let origin = self.draft.place(&fact.key);
        let beside = about.iter().filter(|key| !key.touches(&fact.key));
        let notes = beside.filter_map(|key| {
            let at = self.draft.origin(key).position()?.clone();
            Some(Note { at, text: format!("`{key}` stands here") })
        });
        let notes = notes.collect();
        let mut about: Vec<KeyPath> = about.iter().copied().cloned().collect();
        about.push(fact.key.clone());
        let violation = Violation {
            code,
            key: fact.key,
            origin,
            found: Some(fact.value),
            expected: expected.into(),
            help: Some(help.into()),
            notes,
        };
        self.findings.push(Finding { violation, about });
    }

    /// Two values contradict: `low` should be below or at `high`. Reported at the one that was said;
    /// where both were, at `low`.
    fn contradiction(&mut self, code: Code, low: Fact, below: &str, high: Fact, above: &str) {
        let high_said = self.draft.origin(&high.key) != Origin::Default;
        let at_high = high_said && self.draft.origin(&low.key) == Origin::Default;
        let (fact, other, relation) = if at_high { (high, low, above) } else { (low, high, below) };
        let expected = format!("{relation} {}, which is {}", self.said(&other.key), other.value);
        let help = format!(
            "{}, or change `{}`",
            fix::write(&fact.key, &self.draft.origin(&fact.key), &other.value),
            other.key
        );
        self.fault(code, fact, expected, help, &[&other.key]);
    }

    /// A key with who said it.
    fn said(&self, key: &KeyPath) -> String {
        fix::said(key, &self.draft.origin(key))
    }
}
