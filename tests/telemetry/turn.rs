//! The rate, turned up and down by saves while requests go on.

use crate::{
    receiver::{Receiver, GRPC, HTTP},
    traffic::{Decided, Sent, Traffic},
};
use ops_tests::service::Service;
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// Requests in each part.
const REQUESTS: usize = 150;

/// `reload.settle` where nothing is said.
const SETTLE: Duration = Duration::from_millis(50);

/// What a machine that is busy with other tests may take for what takes a millisecond. Below `reload.poll_interval`,
/// which would find the save as well.
const BUSY: Duration = Duration::from_secs(4);

/// A save: before it nothing of it can be seen, and from then on everything.
#[derive(Clone, Copy, Debug)]
struct Turn {
    saved: SystemTime,
    in_force: SystemTime,
}

async fn turn(service: &Service, save: fn(&Service, &str), text: &str, rate: f64) -> Turn {
    let saved = SystemTime::now();
    save(service, text);
    let is_new = |config: &serde_json::Value| config["value"]["observability"]["sampling_rate"] == json!(rate);
    service.config_once("the new rate", is_new).await;
    Turn { saved, in_force: SystemTime::now() }
}

pub(crate) async fn a_rate_turned_up_and_down_shows_in_what_is_received(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    for (way, save) in
        [(GRPC, Service::save_by_rename as fn(&Service, &str)), (HTTP, Service::save_in_place as fn(&Service, &str))]
    {
        let text = |rate: &str| format!("{}sampling_rate = {rate}\n", receiver.quiet(way));
        let service = Service::start(&text("0.0")).await;
        let before = receiver.spans().len();
        let traffic = Traffic::start(service.server, 4, Decided::Here);
        traffic.goes_on(REQUESTS).await;
        let up = turn(&service, save, &text("1.0"), 1.0).await;
        traffic.goes_on(REQUESTS).await;
        let down = turn(&service, save, &text("0.0"), 0.0).await;
        traffic.goes_on(REQUESTS).await;
        let all = traffic.end().await;
        receiver.settled(&service).await;

        let spans = receiver.spans().split_off(before);
        let taken: BTreeSet<usize> = spans.iter().map(|span| span.number()).collect();
        assert_eq!(taken.len(), spans.len(), "none twice");
        let all_of = |part: &dyn Fn(&Sent) -> bool| {
            let numbers: BTreeSet<_> = all.iter().filter(|sent| part(sent)).map(|sent| sent.number).collect();
            assert!(!numbers.is_empty(), "no request to judge by");
            numbers
        };
        let outside = all_of(&|sent| sent.ended < up.saved || sent.begun > down.in_force);
        let between = all_of(&|sent| sent.begun > up.in_force && sent.ended < down.saved);
        assert_eq!(taken.intersection(&outside).collect::<Vec<_>>(), [&0; 0], "none before, and none after");
        assert_eq!(between.difference(&taken).collect::<Vec<_>>(), [&0; 0], "all in between");

        // How long after the save the first was recorded, and after the other one the last.
        let since = |turn: Turn, nanos: Option<u64>| {
            let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos.expect("a span"));
            at.duration_since(turn.saved).unwrap_or_default()
        };
        let shown = [
            since(up, spans.iter().map(|span| span.start).min()),
            since(down, spans.iter().map(|span| span.start).max()),
        ];
        println!("{}: {} of {} received, shown after {shown:?}", way.name, spans.len(), all.len());
        assert!(shown.iter().all(|after| *after < SETTLE + BUSY), "{shown:?}");
    }
}
