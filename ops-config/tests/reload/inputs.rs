//! Whatever stands where the configuration was, the last good one stays in force and the next good save is taken.

use crate::{
    case::{all, clear},
    rig::{text, Rig},
};
use ops_config::reload::Stage;
use std::time::{Duration, SystemTime};

/// How often a reload was rejected so far.
fn rejected(rig: &Rig) -> u64 {
    Stage::ALL.iter().map(|stage| rig.status().counts.rejected(*stage)).sum()
}

/// Returns when something holds. A hundred thousand faults take a slow machine their time.
async fn until(rig: &Rig, name: &str, holds: impl Fn(&Rig) -> bool) {
    let begun = SystemTime::now();
    while !holds(rig) {
        assert!(begun.elapsed().unwrap() < Duration::from_mins(5), "{name}: {:?}", rig.status().last_reload);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Feature: production-excellence, Property 21: the watcher lives through every bad input and takes the next good one.
#[tokio::test]
async fn every_bad_input_is_survived() {
    let rig = Rig::start(&text(1)).await;
    for (n, case) in (2..).zip(all()) {
        let before = rejected(&rig);
        case.put(rig.file());
        until(&rig, case.name, |rig| rejected(rig) > before && rig.status().last_error.is_some()).await;
        assert_eq!(rig.now().plan, n - 1, "{} changed what is in force", case.name);

        clear(rig.file());
        rig.rename_save(&text(n));
        until(&rig, case.name, |rig| rig.now().plan == n && rig.status().last_error.is_none()).await;
    }
}
