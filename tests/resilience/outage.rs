//! A database that vanishes: killed, held still, restarted, its connections cut, while clients write,
//! the pool is resized, a breaker and a limit act.
//!
//! The service answers its probes all the while, says that it is not ready, ends those who wait for a
//! connection in time, keeps what it confirmed, recovers by itself, and holds no more afterwards.

use crate::{
    prober::{self, Prober},
    writer::{Ledger, Writers},
};
use libtest_mimic::Trial;
use ops_tests::{
    database::{Kind, Server},
    footprint::Footprint,
    outside::needs,
    service::{Service, QUIET, SOON},
    wait,
};
use rustix::process::Signal;
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{sleep, Instant};

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_mins(1);

/// How soon a write is confirmed, and readiness is back, after the database answers again.
const RECOVERED: Duration = Duration::from_secs(10);

/// `pools.main.acquire_timeout` and `limits.request_timeout`.
const ACQUIRE: Duration = Duration::from_millis(500);
const REQUEST: Duration = Duration::from_secs(2);
/// What a busy machine may add to either.
const SLACK: Duration = Duration::from_secs(3);

/// More than the limit lets in, with the two that hold connections.
const WRITERS: usize = 8;
const MOST_IN_FLIGHT: usize = 7;

/// The bounds of the pool: one, then the other.
const BOUNDS: [usize; 2] = [4, 9];

/// So many writes are confirmed before the next fault.
const AGAIN: usize = 50;

/// What may be kept of memory that was in use for a while.
const MOST_GROWTH_KIB: u64 = 12 * 1024;

pub(crate) fn trials() -> Vec<Trial> {
    let [postgres, maria] = Kind::ALL.map(Kind::needs);
    let mut trials = vec![
        needs(&postgres, "postgres_may_vanish", || goes_on_without(Kind::Postgres, AWAY, 2)),
        needs(&maria, "maria_may_vanish", || goes_on_without(Kind::Maria, AWAY, 2)),
    ];
    // The same as long as it takes to be called an outage.
    if std::env::var_os("OPS_TEST_LONG").is_some_and(|value| value == "1") {
        trials.push(needs(&postgres, "postgres_may_vanish_for_a_minute", || goes_on_without(Kind::Postgres, LONG, 1)));
        trials.push(needs(&maria, "maria_may_vanish_for_a_minute", || goes_on_without(Kind::Maria, LONG, 1)));
    }
    trials
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Killed,
    Held,
    Restarted,
    Cut,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Killed, Self::Held, Self::Restarted, Self::Cut];

    /// Whether it lasts, so that readiness must tell.
    const fn lasts(self) -> bool {
        matches!(self, Self::Killed | Self::Held)
    }
}

fn text(url: &str, most: usize) -> String {
    format!(
        "{QUIET}[limits]\nmax_in_flight = {MOST_IN_FLIGHT}\nrequest_timeout = \"{}s\"\n\
         [breakers.items]\nroutes = [\"/items\"]\nfailure_threshold = 20\nreset_timeout = \"200ms\"\nhalf_open_max_calls = 2\n\
         [probes]\ninterval = \"100ms\"\ntimeout = \"300ms\"\nfailure_threshold = 2\nstale_after = \"2s\"\n\
         [probes.checks.main]\nkind = \"pool\"\npool = \"main\"\n\
         [pools.main]\nurl = \"{url}\"\nmin_connections = 2\nmax_connections = {most}\nacquire_timeout = \"{}ms\"\n",
        REQUEST.as_secs(),
        ACQUIRE.as_millis(),
    )
}

/// Feature: production-excellence, Property 10: whatever is done to the database, the process answers its probes, does
/// not panic, keeps what it confirmed, and recovers.
async fn goes_on_without(kind: Kind, away: Duration, cycles: usize) {
    let mut server = Server::durable(kind).await;
    let service = Service::start(&text(&server.url(), BOUNDS[0])).await;
    let prober = Prober::start(service.metrics);
    prober.readiness(true, SOON).await;
    let at_first = other_sockets(&service, &server).await;
    let writers = Writers::start(service.server, WRITERS);
    writers.confirmed(SOON).await;

    let mut rows = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..cycles {
        for fault in Fault::ALL {
            rows.push(Box::pin(strike(fault, &mut server, &service, &writers, &prober, away)).await);
        }
        resident.push(service.process.resident().expect("the kernel says"));
    }
    let seen = writers.end().await;
    println!(
        "{kind:?}, away for {away:?}\nfault      requests  failed  worst probe  not ready  recovered\n{}",
        rows.concat()
    );
    assert_kept(&server, &seen).await;
    assert_eq!(seen.broken, [""; 0], "every request has an answer");
    assert!(seen.slowest_refusal <= ACQUIRE + SLACK, "who waits is told in time: {:?}", seen.slowest_refusal);
    assert!(seen.slowest <= REQUEST + SLACK, "{:?}", seen.slowest);
    assert_eq!(prober.end().await, [""; 0], "every probe is answered within {:?}", prober::PATIENCE);

    wait::until("as many sockets as at first", SOON, || async {
        (other_sockets(&service, &server).await <= at_first).then_some(())
    })
    .await;
    let grown = resident.last().unwrap_or(&0).saturating_sub(resident[0]);
    println!("{kind:?}: {grown} KiB more than after the first round");
    assert!(grown <= MOST_GROWTH_KIB, "{grown} KiB more: {resident:?}");
    end(service).await;
}

/// Does it, and sees the service through it; a row of the table.
async fn strike(
    fault: Fault,
    server: &mut Server,
    service: &Service,
    writers: &Writers,
    prober: &Prober,
    away: Duration,
) -> String {
    let before = writers.ledger();
    prober.worst();
    let begun = Instant::now();
    match fault {
        Fault::Killed => server.kill_9().await,
        Fault::Held => server.stop(),
        Fault::Restarted => server.restart().await,
        Fault::Cut => server.witness().await.end_connections().await,
    }
    let mut told = Duration::ZERO;
    if fault.lasts() {
        told = prober.readiness(false, SOON).await;
        resize(service, server, BOUNDS[1]).await;
        sleep(away.saturating_sub(begun.elapsed())).await;
        if fault == Fault::Killed {
            server.restart().await;
        } else {
            server.cont();
        }
    }
    let recovered = writers.confirmed(RECOVERED).await;
    prober.readiness(true, RECOVERED.saturating_sub(recovered)).await;
    let most = if fault.lasts() { BOUNDS[1] } else { BOUNDS[0] };
    let open = server.witness().await.connections().await;
    assert!(open <= most, "{fault:?}: {open} connections of {most}");
    if fault.lasts() {
        resize(service, server, BOUNDS[0]).await;
        // What is too many goes as it comes back.
        wait::until("the lower bound", SOON, || async {
            (server.witness().await.connections().await <= BOUNDS[0]).then_some(())
        })
        .await;
    }
    writers.go_on(AGAIN, SOON * 3).await;
    let now = writers.ledger();
    let (requests, failed) = (now.requests() - before.requests(), now.failures() - before.failures());
    format!(
        "{:<10} {requests:>8} {failed:>7} {:>12.1?} {told:>10.1?} {recovered:>10.1?}\n",
        format!("{fault:?}"),
        prober.worst()
    )
}

/// Changes the maximum of the pool, whether the database is there or not.
async fn resize(service: &Service, server: &Server, most: usize) {
    service.save_by_rename(&text(&server.url(), most));
    let is_it = |config: &Value| config["value"]["pools"]["main"]["max_connections"] == most;
    service.config_once("the new maximum", is_it).await;
}

/// Sockets of the process that are no connection to the database, by the count of the database itself.
async fn other_sockets(service: &Service, server: &Server) -> usize {
    let mut witness = server.witness().await;
    let footprint = Footprint::of(&service.process).expect("the kernel says");
    let sockets = footprint.descriptors.get("socket").copied().unwrap_or_default();
    sockets.saturating_sub(witness.connections().await)
}

/// Every confirmed write is there, and none is there twice.
async fn assert_kept(server: &Server, seen: &Ledger) {
    let mut kept = BTreeMap::<String, u64>::new();
    for name in server.witness().await.texts("SELECT name FROM items").await {
        *kept.entry(name).or_default() += 1;
    }
    let lost: Vec<_> = seen.confirmed.iter().filter(|name| !kept.contains_key(*name)).collect();
    let twice: Vec<_> = kept.iter().filter(|(_, times)| **times > 1).collect();
    println!("{} confirmed, {} kept, others: {:?}", seen.confirmed.len(), kept.len(), seen.failed);
    assert!(lost.is_empty() && twice.is_empty(), "lost: {lost:?}, twice: {twice:?}");
    assert!(kept.len() as u64 <= seen.requests(), "nothing that was not asked for");
}

/// Ends it well, and sees that nothing panicked on the way.
async fn end(mut service: Service) {
    service.process.signal(Signal::TERM);
    assert_eq!(service.process.ended(SOON * 3).await.code(), Some(0));
    let all = [service.process.said(), service.process.log()].concat();
    let panicked: Vec<_> = all.iter().filter(|line| line.contains("panicked")).collect();
    assert!(panicked.is_empty(), "{panicked:#?}");
}
