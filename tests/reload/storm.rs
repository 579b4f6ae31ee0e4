//! A thousand saves in a second: a handful of reloads, and the last in force.

use crate::rig::{replace, text, Rig, FIRST};
use libtest_mimic::Trial;
use ops_tests::outside::needs;
use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};
use tokio::time::interval;

const SAVES: u32 = 1000;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[], "storm::a_thousand_renames_in_a_second_are_a_handful_of_reloads", renames),
        needs(&[], "storm::a_thousand_writes_in_a_second_are_a_handful_of_reloads", writes),
        needs(&[], "storm::a_thousand_saves_as_fast_as_can_be_are_a_handful_of_reloads", at_once),
    ]
}

async fn renames() {
    storm(Some(Duration::from_millis(1)), replace).await;
}

async fn writes() {
    storm(Some(Duration::from_millis(1)), |file, text| fs::write(file, text).unwrap()).await;
}

async fn at_once() {
    storm(None, replace).await;
}

async fn storm(period: Option<Duration>, save: fn(&Path, &str)) {
    let mut rig = Rig::start().await;
    let before = rig.tally().await;
    // Those that come late come all at once then, so that it is a thousand in a second.
    let mut ticks = period.map(interval);
    let begun = SystemTime::now();
    let (mut last, mut pauses) = (begun, 0);
    for n in 1..=SAVES {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        save(&rig.file, &text(FIRST + n));
        // On a busy machine the saves themselves may pause, and then it is more than one storm.
        pauses += u32::from(last.elapsed().unwrap_or_default() >= Duration::from_millis(45));
        last = SystemTime::now();
    }
    let took = begun.elapsed().unwrap_or_default();
    rig.n = FIRST + SAVES;
    let config =
        rig.service.config_once("the last save", |config| config["value"]["limits"]["max_in_flight"] == rig.n).await;
    assert_eq!(rig.reload().await, "unchanged");
    let after = rig.tally().await;
    assert_eq!((after.rejected, Some(after.generation)), (before.rejected, config["generation"].as_u64()));
    let reloads = after.generation - before.generation;
    // Three at once, one each half second, one at the end; and as many after a pause.
    let most = 4 + u64::try_from(took.as_millis()).unwrap() / 500 + 4 * u64::from(pauses);
    assert!(reloads <= most, "{reloads} reloads of {SAVES} saves in {took:?} with {pauses} pauses");
}
