//! Another collector, an end that nobody announced, and what the log says of it.

use super::{Fake, Names, Reply, Round, LONG, SOON};
use crate::telemetry::collector::subscribe;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn a_batch_about_to_expire_goes_to_a_new_collector() {
    let mut lost = Vec::new();
    for at in 240..300 {
        let (old, new) = (Fake::new([], Reply::Never), Fake::new([], Reply::Take));
        let round = Round::to(&old);
        round.end(1..=1);
        sleep(Duration::from_secs(at)).await;
        let before = round.dropped();
        round.retarget(Some(&new));
        sleep(LONG).await;
        if before.is_none() && new.taken().is_empty() {
            lost.push((at, round.dropped()));
        }
    }
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn a_collector_taken_away_and_put_back_gets_the_batch() {
    let (old, new) = (Fake::new([Reply::Later, Reply::Never], Reply::Never), Fake::new([], Reply::Take));
    let round = Round::to(&old);
    round.end(1..=1);
    sleep(Duration::from_millis(1001)).await;
    round.retarget(None);
    sleep(Duration::from_secs(1)).await;
    round.retarget(Some(&new));
    sleep(LONG).await;
    assert_eq!((new.taken(), round.dropped()), (vec![1], None));
}

#[test]
fn the_end_of_a_runtime_is_counted() {
    let collector = Fake::new([], Reply::Never);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("one");
    let round = runtime.block_on(async {
        let round = Round::to(&collector);
        round.end(1..=1000);
        sleep(SOON).await;
        round
    });
    drop(runtime);
    assert_eq!(round.dropped(), Some(("abandoned", 1000)));
}

#[tokio::test(start_paused = true)]
async fn a_second_collector_that_fails_is_mentioned_as_well() {
    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    let (dead, refusing, well) =
        (Fake::new([], Reply::Later), Fake::new([], Reply::Refuse), Fake::new([], Reply::Take));
    let round = Round::to(&dead);
    for collector in [&dead, &refusing, &well] {
        round.retarget(Some(collector));
        round.end(1..=1);
        sleep(SOON).await;
    }
    let failed = "traces.export_failed";
    assert_eq!(*names.0.lock().expect("not poisoned"), [failed, failed, "traces.export_recovered"]);
}

#[tokio::test(start_paused = true)]
async fn another_cause_is_said_within_a_minute() {
    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    let collector = Fake::new([Reply::Later, Reply::Never], Reply::Refuse);
    let round = Round::to(&collector);
    for _ in 0..100 {
        round.end(1..=1);
        sleep(SOON).await;
    }
    assert_eq!(*names.0.lock().expect("not poisoned"), ["traces.export_failed"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_refuses_every_second_batch_does_not_drown_the_log() {
    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    for second in [Reply::Refuse, Reply::Reject(1)] {
        let collector = Fake::new([Reply::Take, second].repeat(60), Reply::Take);
        let round = Round::to(&collector);
        for _ in 0..120 {
            round.end(1..=1);
            sleep(SOON).await;
        }
        // Four minutes and a little.
        let lines = std::mem::take(&mut *names.0.lock().expect("not poisoned")).len();
        assert!((1..=10).contains(&lines), "{lines}: {second:?}");
    }
}
