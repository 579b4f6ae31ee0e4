//! How many of the requests are received, by rate, by route, by second.

use crate::{
    receiver::{Receiver, GRPC, HTTP, LATER},
    traffic::{ask, Decided},
};
use ops_tests::{client::Client, service::Service, wait};
use std::{collections::BTreeMap, path::PathBuf, time::SystemTime};

/// A route, how many requests it gets, and how many of them are to be received by its rate.
const ROUTES: [(&str, usize, usize); 4] =
    [("/ok", 1200, 120), ("/slow", 400, 100), ("/stream?chunks=2", 50, 50), ("/no/such/route", 50, 0)];

const RULES: &str = r#"sampling_rate = 0.1
sampling_rules = [
    { route = "/slow", sampling_rate = 0.25 },
    { route = "/stream", sampling_rate = 1.0 },
    { route = "/no/**", sampling_rate = 0.0 },
]
"#;

/// Some clients at once, because it is for many that rates have to hold.
async fn asked(service: &Service, path: &'static str, requests: usize) {
    const CLIENTS: usize = 4;
    let clients = (0..CLIENTS).map(|client| {
        let server = service.server;
        tokio::spawn(async move {
            let http = if client % 2 == 0 { Client::http1() } else { Client::http2() };
            for number in (client..requests).step_by(CLIENTS) {
                ask(&http, server, path, number, Decided::Here).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("every request is answered");
    }
}

/// Feature: production-excellence, Property 2: what is received is within 10 % of the rate, and within one of it.
pub(crate) async fn a_rate_holds_for_what_is_received(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let service = Service::start(&format!("{}{RULES}", receiver.quiet(GRPC))).await;
    for (path, requests, _) in ROUTES {
        asked(&service, path, requests).await;
    }
    receiver.settled(&service).await;
    let mut found = BTreeMap::<String, usize>::new();
    for span in receiver.spans() {
        let path = span.attributes["url.path"].as_str().expect("a path").to_owned();
        *found.entry(path).or_default() += 1;
    }
    for (path, requests, wanted) in ROUTES {
        let path = path.split('?').next().expect("a path");
        let took = found.get(path).copied().unwrap_or_default();
        println!("{path}: {took} of {requests}, {wanted} wanted");
        assert!(took.abs_diff(wanted) <= 1, "{path}: {took} of {requests}, {wanted} wanted");
    }
    let sum = service.scrape().await.sum("ops_traces_sampled_total", &[]);
    let traces = found.values().sum::<usize>() + 1;
    assert_eq!(sum.to_string(), traces.to_string(), "as many are counted as are received");
}

/// A caller's decision is kept, and not counted in.
pub(crate) async fn no_second_has_more_than_its_share(python: PathBuf) {
    const MOST: usize = 5;
    const TWO_SHARES: f64 = 10.0;
    const KEPT: usize = 20;
    let receiver = Receiver::start(&python).await;
    let text = format!("{}sampling_rate = 1.0\nmax_traces_per_second = {MOST}\n", receiver.quiet(HTTP));
    let service = Service::start(&text).await;
    let begun = SystemTime::now();
    // Until a third second has had its share.
    let mut asked = 0;
    wait::until("three shares", LATER, || {
        asked += 1;
        let number = asked;
        let service = &service;
        async move {
            ask(service.client(), service.server, "/ok", number, Decided::Here).await;
            (service.scrape().await.sum("ops_traces_sampled_total", &[]) > TWO_SHARES).then_some(())
        }
    })
    .await;
    for number in 0..KEPT {
        ask(service.client(), service.server, "/ok", asked + 1 + number, Decided::Recorded).await;
    }
    let seconds = usize::try_from(begun.elapsed().unwrap_or_default().as_secs()).expect("some seconds") + 2;
    receiver.settled(&service).await;
    let spans = receiver.spans();
    let (kept, new): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.number() > asked);
    assert_eq!(kept.len(), KEPT);
    assert!(new.len() > 2 * MOST && new.len() <= seconds * MOST, "{} of {asked} in {seconds} s", new.len());
    // No second of any kind has more than two shares: that which the clock's begins, and that which it ends.
    let mut starts: Vec<u64> = new.iter().map(|span| span.start).collect();
    starts.sort_unstable();
    let crowded = starts.windows(2 * MOST + 1).find(|window| window[2 * MOST] - window[0] < 1_000_000_000);
    assert_eq!(crowded, None);
}
