//! The receiver, the protocol and the headers are changed by saves, while spans are under way.

use crate::{
    receiver::{Receiver, Way, GRPC, HTTP, LATER},
    span::Batch,
    traffic::{Decided, Sent, Traffic},
};
use ops_tests::{service::Service, wait};
use std::path::PathBuf;

/// Requests at each place, at least.
const REQUESTS: usize = 60;

/// Over which ways, and how often there and back again.
const WAYS: [Way; 4] = [GRPC, HTTP, HTTP, GRPC];

fn text(receiver: &Receiver, way: Way, turn: usize) -> String {
    format!("{}otlp_headers = {{ x-turn = \"{turn}\" }}\n", receiver.quiet(way))
}

/// Every request was received, and none twice.
fn assert_each_once(sent: &[Sent], receivers: &[&Receiver]) {
    let mut numbers: Vec<_> =
        receivers.iter().flat_map(|receiver| receiver.spans()).map(|span| span.number()).collect();
    numbers.sort_unstable();
    let expected: Vec<_> = sent.iter().map(|sent| sent.number).collect();
    assert_eq!(numbers, expected);
}

pub(crate) async fn no_span_is_lost_or_doubled_while_they_change(python: PathBuf) {
    let both = [Receiver::start(&python).await, Receiver::start(&python).await];
    let service = Service::start(&text(&both[0], GRPC, 0)).await;
    let traffic = Traffic::start(service.server, 2, Decided::Recorded);
    for (turn, way) in (1..).zip(WAYS.into_iter().cycle().take(2 * WAYS.len())) {
        traffic.goes_on(REQUESTS).await;
        service.save_by_rename(&text(&both[turn % 2], way, turn));
        service.config_once("the save", |config| config["generation"] == turn + 1).await;
        // Now it stays until it has been used, now it is gone before.
        if turn % 3 > 0 {
            let used = || both[turn % 2].batches().iter().any(|batch| turn_of(batch) == turn);
            wait::holds("a batch of the turn", LATER, used).await;
        }
    }
    traffic.goes_on(REQUESTS).await;
    let sent = traffic.end().await;
    receiver_has_all(&both, sent.len()).await;
    both[0].settled(&service).await;
    assert_each_once(&sent, &[&both[0], &both[1]]);

    // The headers go with the place: of each turn, the receiver, the way, the header.
    let mut headers = Vec::new();
    for (at, receiver) in both.iter().enumerate() {
        for batch in receiver.batches().iter().filter(|batch| !batch.spans.is_empty()) {
            let turn = turn_of(batch);
            let way = if turn == 0 { GRPC } else { WAYS[(turn - 1) % WAYS.len()] };
            assert_eq!((at, batch.by.as_str()), (turn % 2, way.name), "turn {turn}");
            headers.push(turn);
        }
    }
    headers.sort_unstable();
    headers.dedup();
    println!("{} spans at the turns {headers:?}", sent.len());
    assert!(headers.contains(&(2 * WAYS.len())) && headers.len() > 4, "{headers:?}");
}

fn turn_of(batch: &Batch) -> usize {
    batch.headers["x-turn"].as_str().and_then(|turn| turn.parse().ok()).expect("a turn")
}

async fn receiver_has_all(receivers: &[Receiver], spans: usize) {
    let count = || receivers.iter().map(|receiver| receiver.spans().len()).sum::<usize>();
    wait::holds("all spans", LATER, || count() >= spans).await;
}
