mod changes;

use super::{
    fake::{Fake, Reply, Round, TIMEOUT},
    BATCH,
};
use crate::telemetry::collector::subscribe;
use proptest::{collection::vec, prelude::*};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{sleep, Instant};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

const SOON: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_hours(1);

/// The names of the events on this thread.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber> Layer<S> for Names {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().name().starts_with("traces.") {
            self.0.lock().expect("not poisoned").push(event.metadata().name());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_tried_until_it_is_taken_and_the_log_has_two_lines() {
    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    let collector = Fake::new([Reply::Later; 9], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=3);
    sleep(LONG).await;
    round.end(4..=4);
    sleep(LONG).await;
    assert_eq!(collector.taken(), [1, 2, 3, 4]);
    assert!(collector.tries()[..10].iter().all(|(_, spans)| *spans == [1, 2, 3]));
    assert_eq!((round.counted().exported, round.dropped()), (4, None));
    assert_eq!(*names.0.lock().expect("not poisoned"), ["traces.export_failed", "traces.export_recovered"]);
}

#[tokio::test(start_paused = true)]
async fn a_try_that_is_not_answered_is_given_up_after_the_timeout() {
    let collector = Fake::new([Reply::Never, Reply::Never], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=1);
    sleep(LONG).await;
    let tries = collector.tries();
    assert_eq!(tries.len(), 3);
    assert!(tries[1].0 - tries[0].0 >= TIMEOUT && tries[1].0 - tries[0].0 < TIMEOUT + SOON);
    assert_eq!(collector.taken(), [1]);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_says_when_is_left_alone_until_then() {
    let collector = Fake::new([Reply::LaterThan(Duration::from_secs(40))], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=1);
    sleep(LONG).await;
    let tries = collector.tries();
    let pause = tries[1].0 - tries[0].0;
    assert!(pause >= Duration::from_secs(40) && pause < Duration::from_secs(41), "{pause:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_dropped_at_once_and_the_next_batch_goes() {
    let collector = Fake::new([Reply::Refuse], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=3);
    sleep(SOON).await;
    assert_eq!(round.dropped(), Some(("refused", 3)));
    round.end(4..=4);
    sleep(SOON).await;
    assert_eq!(collector.taken(), [4]);
}

#[tokio::test(start_paused = true)]
async fn spans_that_a_collector_leaves_out_are_counted_and_said_once() {
    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    // The last one claims to have left out more than it was sent.
    let collector = Fake::new([Reply::Reject(1), Reply::Reject(2), Reply::Reject(99)], Reply::Take);
    let round = Round::to(&collector);
    for _ in 0..4 {
        round.end(1..=3);
        sleep(SOON).await;
    }
    assert_eq!((round.counted().exported, round.dropped()), (6, Some(("rejected", 6))));
    assert_eq!(*names.0.lock().expect("not poisoned"), ["traces.export_incomplete"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_goes_to_a_new_collector_at_once() {
    let old = Fake::new([], Reply::LaterThan(Duration::from_mins(1)));
    let new = Fake::new([], Reply::Take);
    let round = Round::to(&old);
    round.end(1..=3);
    sleep(SOON).await;
    assert_eq!(old.tries().len(), 1);
    round.retarget(Some(&new));
    sleep(Duration::from_millis(1)).await;
    assert_eq!((new.taken(), old.tries().len()), (vec![1, 2, 3], 1));
}

#[tokio::test(start_paused = true)]
async fn a_try_that_fails_after_a_change_is_made_again_at_the_new_collector_at_once() {
    let (old, new) = (Fake::new([], Reply::Never), Fake::new([], Reply::Take));
    let round = Round::to(&old);
    round.end(1..=1);
    sleep(SOON).await;
    round.retarget(Some(&new));
    sleep(TIMEOUT).await;
    let (failed, next) = (old.tries()[0].0, new.tries()[0].0);
    assert!(next - failed < TIMEOUT + Duration::from_millis(5), "{:?}", next - failed);
}

#[tokio::test(start_paused = true)]
async fn a_try_under_way_may_end_at_the_old_collector() {
    let old = Fake::new([Reply::TakeAfter(Duration::from_secs(5))], Reply::Take);
    let new = Fake::new([], Reply::Take);
    let round = Round::to(&old);
    round.end(1..=1);
    sleep(SOON).await;
    round.retarget(Some(&new));
    round.end(2..=2);
    sleep(LONG).await;
    assert_eq!((old.taken(), new.taken()), (vec![1], vec![2]));
}

#[tokio::test(start_paused = true)]
async fn when_the_collector_is_taken_away_the_rest_still_goes_there_if_it_can() {
    let collector = Fake::new([Reply::LaterThan(Duration::from_mins(1))], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=600);
    sleep(SOON).await;
    round.retarget(None);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(collector.taken(), (1..=600).collect::<Vec<_>>());

    for (usually, time) in [(Reply::Later, Duration::from_millis(1)), (Reply::Never, TIMEOUT + SOON)] {
        let collector = Fake::new([], usually);
        let round = Round::to(&collector);
        round.end(1..=600);
        sleep(SOON).await;
        round.retarget(None);
        sleep(time).await;
        assert_eq!(round.dropped(), Some(("removed", 600)), "{usually:?}");
        let back = Fake::new([], Reply::Take);
        round.retarget(Some(&back));
        round.end(601..=601);
        sleep(SOON).await;
        assert_eq!(back.taken(), [601], "and another one begins anew");
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_each_batch_has_one_more_try_and_no_pause() {
    let collector = Fake::new([Reply::LaterThan(Duration::from_mins(1))], Reply::Take);
    let round = Round::to(&collector);
    round.end(1..=700);
    sleep(SOON).await;
    assert!(round.flush(SOON).await < Duration::from_millis(5), "a wait is cut short");
    assert_eq!(collector.taken(), (1..=700).collect::<Vec<_>>());

    let names = Names::default();
    let _subscriber = subscribe(names.clone());
    let dead = Fake::new([], Reply::Later);
    let round = Round::to(&dead);
    round.end(1..=700);
    sleep(SOON).await;
    let before = dead.tries().len();
    assert!(round.flush(SOON).await < Duration::from_millis(5));
    assert_eq!((dead.tries().len() - before, round.dropped()), (2, Some(("shutdown", 700))));
    assert_eq!(*names.0.lock().expect("not poisoned"), ["traces.export_failed", "traces.flush_timed_out"]);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_never_answers_does_not_hold_up_the_end() {
    for under_way in [false, true] {
        let stuck = Fake::new([], Reply::Never);
        let round = Round::to(&stuck);
        round.end(1..=2000);
        if under_way {
            sleep(SOON).await;
        }
        let deadline = Duration::from_secs(3);
        let took = round.flush(deadline).await;
        assert!(took >= deadline && took < deadline + Duration::from_millis(5), "{took:?}");
        assert_eq!(round.dropped(), Some(("shutdown", 2000)));
        assert_eq!(stuck.tries().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn two_may_wait_for_the_end() {
    let stuck = Fake::new([], Reply::Never);
    let round = Round::to(&stuck);
    round.end(1..=1);
    let (first, second) = tokio::join!(round.flush(SOON), round.flush(SOON * 2));
    assert!(first <= SOON * 3 && second <= SOON * 3, "{first:?} {second:?}");
    assert_eq!(round.dropped(), Some(("shutdown", 1)));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_old_makes_way_for_the_next() {
    let collector = Fake::new([], Reply::Later);
    let round = Round::to(&collector);
    round.end(1..=1);
    sleep(Duration::from_mins(6)).await;
    assert_eq!(round.dropped(), Some(("expired", 1)));
    round.end(2..=2);
    sleep(SOON).await;
    assert_eq!(collector.tries().last().expect("a try").1, [2]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_one_batch_and_no_more() {
    let collector = Fake::new([Reply::Panic], Reply::Take);
    let round = Round::to(&collector);
    let all = u64::try_from(BATCH).expect("small") + 1;
    round.end(1..=all);
    sleep(SOON).await;
    assert_eq!((collector.taken(), round.dropped()), (vec![all], Some(("abandoned", all - 1))));
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        3 => Just(Reply::Take),
        1 => (0u64..20_000).prop_map(|millis| Reply::TakeAfter(Duration::from_millis(millis))),
        1 => (0u64..4).prop_map(Reply::Reject),
        1 => Just(Reply::Refuse),
        3 => Just(Reply::Later),
        1 => (0u64..100).prop_map(|seconds| Reply::LaterThan(Duration::from_secs(seconds))),
        1 => Just(Reply::Never),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever collectors do and whenever they change, each span is counted once, and taken twice
    /// only where its taking was not answered in time.
    #[test]
    fn every_span_is_accounted_for(
        steps in vec((vec(reply(), 0..4), prop::bool::weighted(0.8), 0u64..700, 0u64..30_000), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(async {
            let mut collectors = vec![Fake::new([], Reply::Take)];
            let round = Round::to(&collectors[0]);
            let mut ended = 0;
            for (replies, is_there, spans, pause) in steps {
                let collector = Fake::new(replies, Reply::Take);
                round.retarget(is_there.then_some(&collector));
                collectors.push(collector);
                round.end(ended + 1..=ended + spans);
                ended += spans;
                sleep(Duration::from_millis(pause)).await;
            }
            let began = Instant::now();
            round.flush(SOON).await;
            prop_assert!(began.elapsed() <= SOON + Duration::from_millis(5));
            let counted = round.counted();
            let dropped: u64 = counted.dropped.iter().map(|(_, spans)| spans).sum();
            prop_assert_eq!(counted.exported + dropped, ended);
            // A fake that takes late is cut off before it does, so here nothing is ever taken twice.
            let mut taken: Vec<_> = collectors.iter().flat_map(|collector| collector.taken()).collect();
            let all = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), all);
            Ok(())
        })?;
    }
}
