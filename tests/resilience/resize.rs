//! What a resize of a pool under load adds to the time of a request: a measurement, for a machine that does
//! nothing else. It is made with `OPS_TEST_MEASURE=1` alone, and of a release build.
//!
//! Callers take a connection of MariaDB through the real program. In every other stretch of time the
//! pool is resized twice a second, in the others the file is edited as often, elsewhere. The stretches
//! alternate, so that what the machine does besides falls on both.
//!
//! MariaDB, because a connection to it costs next to nothing: the proof of a password that PostgreSQL
//! asks for is thousands of hashes, which in a debug build take longer than all the rest.

use libtest_mimic::Trial;
use ops_tests::{
    client::Client,
    database::{Kind, Server},
    outside::needs,
    service::{Service, QUIET},
};
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{sleep, Instant},
};

const CALLERS: usize = 16;
const STRETCHES: usize = 20;
const STRETCH: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) fn trials() -> Vec<Trial> {
    if std::env::var_os("OPS_TEST_MEASURE").is_none_or(|value| value != "1") {
        return Vec::new();
    }
    let measured = "what_a_resize_adds_is_measured";
    vec![needs(&Kind::Maria.needs(), measured, what_a_resize_adds_is_measured)]
}

fn text(url: &str, most: usize, other: usize) -> String {
    format!(
        "{QUIET}[limits]\nmax_in_flight = {other}\n\
         [pools.main]\nurl = \"{url}\"\nmin_connections = 8\nmax_connections = {most}\n"
    )
}

async fn what_a_resize_adds_is_measured() {
    let server = Server::start(Kind::Maria).await;
    let service = Service::start(&text(&server.url(), 20, 1000)).await;
    let mut took = [Vec::new(), Vec::new()];
    // The first warms up.
    for stretch in 0..=STRETCHES {
        let resizes = stretch % 2 == 1;
        let times = Box::pin(measured(&service, &server.url(), resizes)).await;
        if stretch > 0 {
            took[usize::from(resizes)].extend(times);
        }
    }
    println!("               requests       p50       p99     p99.9");
    for (times, name) in took.iter_mut().zip(["edited elsewhere", "resized"]) {
        times.sort_unstable();
        let at = |thousandths: usize| times[(times.len() - 1) * thousandths / 1000];
        println!("{name:<16} {:>6} {:>9.1?} {:>9.1?} {:>9.1?}", times.len(), at(500), at(990), at(999));
    }
}

/// How long each request took in one stretch.
async fn measured(service: &Service, url: &str, resizes: bool) -> Vec<Duration> {
    let ended = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(call(service.server, Arc::clone(&ended)));
    }
    let begun = Instant::now();
    let mut edits = 0;
    while begun.elapsed() < STRETCH {
        edits += 1;
        // Below the callers and above them.
        let (most, other) = if resizes { ([12, 28][edits % 2], 1000) } else { (20, 1000 + edits) };
        service.save_by_rename(&text(url, most, other));
        sleep(PAUSE).await;
    }
    ended.store(true, Relaxed);
    let mut all = Vec::new();
    while let Some(times) = callers.join_next().await {
        all.extend(times.expect("the caller ends"));
    }
    all
}

async fn call(server: SocketAddr, ended: Arc<AtomicBool>) -> Vec<Duration> {
    let client = Client::http1();
    let mut times = Vec::new();
    while !ended.load(Relaxed) {
        let answer = client.get(server, "/db").await.expect("an answer");
        assert_eq!(answer.status, 200, "no request fails for a resize");
        times.push(answer.took);
    }
    times
}
