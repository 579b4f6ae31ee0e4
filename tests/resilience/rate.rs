//! Rates under fire: each client has its own bucket and nobody else's, edits under load give nothing back,
//! and a flood of keys neither takes room nor frees anyone.

use http::{Method, StatusCode};
use libtest_mimic::Trial;
use ops_tests::{
    client::{Answer, Client},
    outside::needs,
    service::{Service, QUIET},
};
use serde_json::Value;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{sleep, Instant},
};

/// Clients, each from an address of its own.
const CLIENTS: u8 = 40;

/// What each may send, where nothing comes back while the test runs.
const BURST: u32 = 10;
const HIGHER: u32 = 14;

/// What each tries to send between two edits, and how often the file is edited.
const TRIES: u32 = 4;
const EDITS: u32 = 25;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        needs(&[], "edits_under_load_give_no_token_back", edits_under_load_give_no_token_back),
        needs(&[], "tokens_come_back_at_the_rate_through_edits", tokens_come_back_at_the_rate),
        needs(&[], "a_flood_of_keys_is_bounded_and_frees_nobody", a_flood_of_keys_is_bounded),
    ]
}

fn clients() -> Vec<Client> {
    (1..=CLIENTS).map(|last| Client::from_address(IpAddr::V4(Ipv4Addr::new(127, 3, 7, last)))).collect()
}

/// Whether it was let in; what refuses it must say so as it should.
fn is_let_in(answer: &Answer) -> bool {
    if answer.status == StatusCode::OK {
        return true;
    }
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    assert_eq!(answer.json()["reason"], "rate_limited");
    assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1), "{:?}", answer.headers);
    false
}

/// Each client tries so often at once with all others; how many of each were let in.
async fn all_try(clients: &[Client], server: SocketAddr, tries: u32) -> Vec<u32> {
    let mut tasks = JoinSet::new();
    for (at, client) in clients.iter().cloned().enumerate() {
        tasks.spawn(async move {
            let mut let_in = 0;
            for _ in 0..tries {
                let_in += u32::from(is_let_in(&client.get(server, "/ok").await.expect("an answer")));
            }
            (at, let_in)
        });
    }
    let mut all = vec![0; clients.len()];
    while let Some(done) = tasks.join_next().await {
        let (at, let_in) = done.expect("the client ends");
        all[at] += let_in;
    }
    all
}

/// Hardly anything comes back; what else the file says differs each time.
fn slow(edits: u32, burst: u32) -> String {
    format!(
        "# {edits}\n{QUIET}sampling_rate = 0.{}\n[limits]\nmax_in_flight = {}\n\
         [limits.rates.api]\nroutes = [\"/ok\"{}]\nkey = \"client\"\nrate = {}\nperiod = \"24h\"\nburst = {burst}\nmax_keys = {}\n",
        1 + edits % 9,
        1000 + edits,
        if edits % 3 == 1 { ", \"/slow\"" } else { "" },
        1 + edits % 4,
        1000 + edits % 5,
    )
}

async fn edits_under_load_give_no_token_back() {
    let service = Service::start(&slow(0, BURST)).await;
    let clients = clients();
    let mut let_in = vec![0; clients.len()];
    for edits in 1..=EDITS {
        let trying = all_try(&clients, service.server, TRIES);
        let saving = async {
            if edits % 2 == 0 {
                service.save_by_rename(&slow(edits, BURST));
            } else {
                service.save_in_place(&slow(edits, BURST));
            }
            let wanted = 1000 + edits;
            let is_it = move |config: &Value| config["value"]["limits"]["max_in_flight"] == wanted;
            service.config_once("the edit", is_it).await;
        };
        let (more, ()) = tokio::join!(trying, saving);
        let_in.iter_mut().zip(more).for_each(|(all, more)| *all += more);
    }
    assert_eq!(let_in, vec![BURST; clients.len()], "each its own, and no more for {EDITS} edits");

    // A higher burst adds the difference, and nothing of what was spent.
    service.save_by_rename(&slow(EDITS, HIGHER));
    let is_higher = |config: &Value| config["value"]["limits"]["rates"]["api"]["burst"] == HIGHER;
    service.config_once("the higher burst", is_higher).await;
    let more = all_try(&clients, service.server, 2 * HIGHER).await;
    assert_eq!(more, vec![HIGHER - BURST; clients.len()]);
    let refused = service.scrape().await.sum("ops_requests_refused_total", &[("reason", "rate_limited")]);
    let sent = f64::from(u32::from(CLIENTS)) * f64::from(EDITS * TRIES + 2 * HIGHER);
    let expected = sent - f64::from(u32::from(CLIENTS) * HIGHER);
    assert!((refused - expected).abs() < 0.5, "{refused} of {sent} refused, {expected} expected");
}

async fn tokens_come_back_at_the_rate() {
    const RATE: u32 = 20;
    const LASTS: Duration = Duration::from_secs(4);
    let text = |edits: u32| {
        format!(
            "{QUIET}[limits]\nmax_in_flight = {}\n[limits.rates.api]\nroutes = [\"/ok\"]\nrate = {RATE}\nburst = {BURST}\n",
            1000 + edits
        )
    };
    let service = Service::start(&text(0)).await;
    let (begun, mut let_in, mut edits) = (Instant::now(), 0, 0);
    let mut edited = begun;
    while begun.elapsed() < LASTS {
        let_in += u32::from(is_let_in(&service.get("/ok").await.expect("an answer")));
        if edited.elapsed() > Duration::from_millis(100) {
            edits += 1;
            service.save_by_rename(&text(edits));
            edited = Instant::now();
        }
        sleep(Duration::from_millis(2)).await;
    }
    let come_back = begun.elapsed().as_secs_f64() * f64::from(RATE);
    println!("{let_in} let in within {:?}, {edits} edits", begun.elapsed());
    assert!(f64::from(let_in) <= f64::from(BURST) + come_back + 1.0, "{let_in} let in, {come_back} came back");
    assert!(f64::from(let_in) >= come_back * 0.8, "{let_in} let in, {come_back} came back: none is lost");
    assert!(edits > 5, "{edits} edits");
}

async fn a_flood_of_keys_is_bounded() {
    const MOST_KEYS: u32 = 50;
    const FLOOD: usize = 4000;
    let text = format!(
        "{QUIET}[limits.rates.keys]\nroutes = [\"/ok\"]\nkey = \"header:x-api-key\"\n\
         rate = 1\nperiod = \"24h\"\nburst = 3\nmax_keys = {MOST_KEYS}\n"
    );
    let service = Service::start(&text).await;
    let ask = async |key: &str| {
        let headers = [("x-api-key", key)];
        let answer = service.client().send(service.server, Method::GET, "/ok", &headers, "").await;
        is_let_in(&answer.expect("an answer"))
    };
    for key in ["known-1", "known-2"] {
        for _ in 0..3 {
            assert!(ask(key).await, "{key}");
        }
        assert!(!ask(key).await, "{key} has had its three");
    }
    let mut let_in = 0;
    for number in 0..FLOOD {
        let_in += usize::from(ask(&format!("key-{number}")).await);
    }
    let keys = service.scrape().await.value("ops_rate_limit_keys", &[("limit", "keys")]).expect("is shown");
    assert!(keys >= 2.0 && keys <= f64::from(MOST_KEYS), "{keys} keys");
    // Each that had a bucket, one token; those without share the three of one.
    assert!(let_in <= MOST_KEYS as usize + 3, "{let_in} of {FLOOD} let in");
    for key in ["known-1", "known-2"] {
        assert!(!ask(key).await, "{key} is not freed by the flood");
    }
}
