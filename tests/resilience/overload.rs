//! The adaptive limit under a real overload: far more callers than the service can take at once.
//!
//! What the service can take is given by its pool: so many connections, each held for a moment. The same
//! load is put on it without the limit and with it, one after the other, on the same process.

use http::StatusCode;
use libtest_mimic::Trial;
use ops_tests::{
    client::Client,
    outside::needs,
    service::{Service, QUIET},
    wait,
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{sleep, Instant},
};

/// The service takes so many at once, each for so many milliseconds: 160 in a second.
const CONNECTIONS: u64 = 4;
const HELD_MS: u64 = 25;

/// So many ask all the while; who is refused waits this long.
const CALLERS: usize = 64;
const REST: Duration = Duration::from_millis(20);

/// How long is looked, after the limit has had its time to find out.
const LOOK: Duration = Duration::from_secs(4);

pub(crate) fn trials() -> Vec<Trial> {
    vec![needs(&[], "an_overload_is_held_off_and_work_goes_on", an_overload_is_held_off)]
}

fn text(edits: u32, adapts: bool) -> String {
    let adaptive = format!("[limits.adaptive]\nfloor = 2\nceiling = {}\nwindow = \"100ms\"\n", 500 + edits);
    format!(
        "# {edits}\n{QUIET}[limits]\nmax_in_flight = {}\n{}[pools.main]\nurl = \"sqlite::memory:\"\n\
         min_connections = {CONNECTIONS}\nmax_connections = {CONNECTIONS}\n",
        1000 + edits,
        if adapts { adaptive.as_str() } else { "" },
    )
}

/// What came of a load.
struct Seen {
    answered: usize,
    refused: usize,
    /// Of those answered, in the middle and of the slowest tenth the fastest.
    half: Duration,
    most: Duration,
}

async fn ask(server: SocketAddr, ended: Arc<AtomicBool>) -> (Vec<Duration>, usize) {
    let client = Client::http1();
    let (mut times, mut refused) = (Vec::new(), 0);
    while !ended.load(Relaxed) {
        let answer = client.get(server, &format!("/db?ms={HELD_MS}")).await.expect("an answer");
        if answer.status == StatusCode::OK {
            times.push(answer.took);
        } else {
            assert_eq!(answer.json()["reason"], "overloaded", "{}", answer.text());
            refused += 1;
            sleep(REST).await;
        }
    }
    (times, refused)
}

fn load(server: SocketAddr) -> (Arc<AtomicBool>, JoinHandle<Seen>) {
    let ended = Arc::<AtomicBool>::default();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(ask(server, Arc::clone(&ended)));
    }
    let all = tokio::spawn(async move {
        let (mut times, mut refused) = (Vec::new(), 0);
        while let Some(done) = callers.join_next().await {
            let (more, sent_away) = done.expect("the caller ends");
            times.extend(more);
            refused += sent_away;
        }
        times.sort_unstable();
        let at = |tenths: usize| times[times.len() * tenths / 10];
        Seen { answered: times.len(), refused, half: at(5), most: at(9) }
    });
    (ended, all)
}

/// Looks for a while, with a save as often as that.
async fn look(service: &Service, adapts: bool, saves: Option<Duration>) -> Seen {
    let (ended, all) = load(service.server);
    let begun = Instant::now();
    let mut edits = 0;
    while begun.elapsed() < LOOK {
        sleep(saves.unwrap_or(LOOK)).await;
        if saves.is_some() {
            edits += 1;
            service.save_by_rename(&text(edits, adapts));
        }
    }
    ended.store(true, Relaxed);
    all.await.expect("the load ends")
}

async fn bound(service: &Service) -> f64 {
    service.scrape().await.sum("ops_limit_bound", &[("limit", "adaptive")])
}

async fn an_overload_is_held_off() {
    let service = Service::start(&text(0, false)).await;
    let without = look(&service, false, None).await;
    assert_eq!(without.refused, 0, "nobody is refused without it");

    service.save_by_rename(&text(0, true));
    service.config_once("the limit", |config: &Value| config["value"]["limits"]["adaptive"]["floor"] == 2).await;
    let (ended, all) = load(service.server);
    sleep(LOOK).await;
    ended.store(true, Relaxed);
    all.await.expect("the load ends");
    let with = look(&service, true, None).await;
    let learnt = bound(&service).await;
    // What it has found out is kept through edits, its own included.
    let edited = look(&service, true, Some(Duration::from_millis(150))).await;

    println!("                 answered  refused       p50       p90");
    for (seen, name) in [(&without, "no limit"), (&with, "adaptive"), (&edited, "adaptive, edited")] {
        println!("{name:<16} {:>8} {:>8} {:>9.1?} {:>9.1?}", seen.answered, seen.refused, seen.half, seen.most);
    }
    println!("bound {learnt}, then {}", bound(&service).await);
    for (seen, name) in [(&with, "adaptive"), (&edited, "adaptive, edited")] {
        assert!(seen.refused > 0, "{name}: an overload is one");
        assert!(seen.half * 2 < without.half, "{name}: who is let in does not queue: {:?}", seen.half);
        assert!(seen.answered * 10 > without.answered * 6, "{name}: the work goes on: {}", seen.answered);
    }
    assert!(learnt >= 2.0 && learnt < f64::from(u32::try_from(CALLERS).expect("few")), "{learnt}");

    // Once the load is gone everybody is let in again.
    wait::until("an answer", ops_tests::service::SOON, || async {
        let answer = service.get("/db").await.expect("an answer");
        (answer.status == StatusCode::OK).then_some(())
    })
    .await;
}
