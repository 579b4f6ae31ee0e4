//! A receiver that is away for a while, or will not take what it gets.

use crate::{
    receiver::{Receiver, GRPC, HTTP, LATER},
    traffic::{ask, Decided, Traffic},
};
use ops_tests::{service::Service, wait};
use std::path::PathBuf;

const REQUESTS: usize = 40;

/// While there is nobody: with the pause between two requests long enough for a first try.
const AWAY: usize = 400;

/// An address of this machine that nobody else listens on: a port on it can be given up and taken again.
fn own_host() -> String {
    let part = || fastrand::u8(2..=254);
    format!("127.{}.{}.{}", part(), part(), part())
}

async fn failed(service: &Service) {
    let says = |line: &String| line.contains("traces.export_");
    wait::holds("the line that says so", LATER, || service.process.log().iter().any(says)).await;
}

pub(crate) async fn what_could_not_be_sent_is_sent_once_it_can(python: PathBuf) {
    for way in [GRPC, HTTP] {
        let host = own_host();
        let first = Receiver::start_at(&python, &host, [0, 0]).await;
        let ports = [first.port(GRPC), first.port(HTTP)];
        let service = Service::start(&first.quiet(way)).await;
        let traffic = Traffic::start(service.server, 1, Decided::Recorded);
        traffic.goes_on(REQUESTS).await;
        first.settled(&service).await;
        let before = first.stop();

        traffic.goes_on(AWAY).await;
        let second = Receiver::start_at(&python, &host, ports).await;
        traffic.goes_on(REQUESTS).await;
        let sent = traffic.end().await;
        let has_all = || before.len() + second.spans().len() >= sent.len();
        wait::holds("all spans", LATER, has_all).await;
        second.settled(&service).await;
        let mut numbers: Vec<_> = before.iter().chain(&second.spans()).map(|span| span.number()).collect();
        numbers.sort_unstable();
        // What was under way when it ended may have been taken and not yet answered: that alone comes twice.
        numbers.dedup();
        assert_eq!(numbers, sent.iter().map(|sent| sent.number).collect::<Vec<_>>(), "{}", way.name);
    }
}

pub(crate) async fn what_is_refused_is_sent_again_when_it_was_asked_to(python: PathBuf) {
    const REFUSED: usize = 2;
    let mut receiver = Receiver::start(&python).await;
    for way in [GRPC, HTTP] {
        let service = Service::start(&receiver.quiet(way)).await;
        let before = receiver.batches().len();
        receiver.order(&format!("{{\"refuse\": {REFUSED}, \"retry_after\": 1}}"));
        ask(service.client(), service.server, "/ok", 7, Decided::Recorded).await;
        let has_it = |batches: &[crate::span::Batch]| batches.iter().any(|batch| batch.answered == "ok");
        wait::holds("the span", LATER, || has_it(&receiver.batches()[before..])).await;
        receiver.settled(&service).await;
        let batches = receiver.batches().split_off(before);
        let answered: Vec<_> = batches.iter().filter(|batch| !batch.spans.is_empty()).collect();
        assert_eq!(answered.iter().map(|batch| &*batch.answered).collect::<Vec<_>>(), ["refuse", "refuse", "ok"]);
        assert!(answered.iter().all(|batch| batch.spans[0].id == answered[0].spans[0].id), "the same span");
        let pauses = [answered[1].at - answered[0].at, answered[2].at - answered[1].at];
        println!("{}: again after {pauses:?} s", way.name);
        if way == HTTP {
            assert!(pauses.iter().all(|pause| *pause >= 0.99), "Retry-After is heeded: {pauses:?}");
        }
        assert!(service.scrape().await.sum("ops_spans_dropped_total", &[]) < 1.0);
    }
}

pub(crate) async fn what_is_rejected_is_dropped_and_said(python: PathBuf) {
    let mut receiver = Receiver::start(&python).await;
    for way in [GRPC, HTTP] {
        let service = Service::start(&receiver.quiet(way)).await;
        let before = receiver.batches().len();
        receiver.order("{\"reject\": 1}");
        ask(service.client(), service.server, "/ok", 7, Decided::Recorded).await;
        failed(&service).await;
        receiver.settled(&service).await;
        let batches = receiver.batches().split_off(before);
        let tried = batches.iter().flat_map(|batch| &batch.spans).count();
        assert_eq!(tried, 1, "what can never be taken is not sent again: {batches:#?}");
        assert!((service.scrape().await.sum("ops_spans_dropped_total", &[]) - 1.0).abs() < 0.5);
    }
}
