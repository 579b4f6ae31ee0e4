//! Experiments over reloads.

use super::{at, config, decided, everything};
use crate::chaos::{Chaos, ChaosPlan};
use ops_config::{
    section::{ChaosConfig, NetworkChaos},
    value::Period,
};

#[test]
fn an_experiment_ends_by_its_own_start_over_reloads_and_begins_anew_when_enabled_again() {
    let chaos = Chaos::new();
    let partition = NetworkChaos { partition: true, ..NetworkChaos::default() };
    let reload = |config: &ChaosConfig, now| {
        let plan = ChaosPlan::build(config, &chaos, at(now));
        plan.put_in_force();
        plan
    };
    let enabled = config(1, partition.clone());
    assert!(reload(&enabled, 1000).is_active(at(60_999)));
    // Another save does not start it anew, nor does another seed.
    assert!(!reload(&enabled, 50_000).is_active(at(61_000)));
    assert!(!reload(&config(2, partition), 50_000).is_active(at(61_000)));
    // A duration is measured from its start.
    let longer = ChaosConfig { duration: Period::literal(120_000), ..enabled.clone() };
    assert!(reload(&longer, 50_000).is_active(at(120_999)));
    assert!(chaos.snapshot(at(120_999)).active && !chaos.snapshot(at(121_000)).active);

    let disabled = ChaosConfig { enabled: false, ..enabled.clone() };
    assert!(!reload(&disabled, 70_000).is_active(at(70_000)));
    let again = reload(&enabled, 80_000);
    assert!(again.is_active(at(139_999)) && !again.is_active(at(140_000)));
    assert!(again.strike("/api/x", at(139_999)).is_some() && again.strike("/api/x", at(140_000)).is_none());
}

#[test]
fn a_plan_that_was_never_put_in_force_leaves_nothing_behind() {
    let chaos = Chaos::new();
    drop(ChaosPlan::build(&config(1, everything()), &chaos, at(0)));
    assert!(!chaos.snapshot(at(1)).active);
    let later = ChaosPlan::build(&config(1, everything()), &chaos, at(30_000));
    assert!(later.is_active(at(89_999)), "the experiment begins with the one that is put in force");
}

#[test]
fn another_seed_starts_the_sequence_anew() {
    let chaos = Chaos::new();
    for seed in [1, 2, 1] {
        let plan = ChaosPlan::build(&config(seed, everything()), &chaos, at(0));
        plan.put_in_force();
        let alone = super::plan(seed);
        assert!((0..50).all(|_| decided(&plan, "/api/x") == decided(&alone, "/api/x")));
    }
}
