//! A database that goes away: killed, started again, held still.

use super::pool_load::{Load, Watch};
use libtest_mimic::Trial;
use ops_tests::{
    database::{Kind, Server},
    outside::needs,
    service::{Service, QUIET},
    wait,
};
use rustix::process::Signal;
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use tokio::{task::JoinSet, time::sleep};

const WORKERS: usize = 16;

/// How long anything may take on a machine that is busy.
const LONG: Duration = Duration::from_secs(30);

/// What an answer may take beyond what the configuration says.
const SLACK: Duration = Duration::from_secs(3);

pub(crate) fn trials() -> Vec<Trial> {
    let [postgres, maria] = Kind::ALL.map(Kind::needs);
    vec![
        needs(&postgres, "postgres_killed_under_load_comes_back", || comes_back(Kind::Postgres)),
        needs(&maria, "maria_killed_under_load_comes_back", || comes_back(Kind::Maria)),
        needs(&postgres, "what_broke_while_idle_is_lent_to_nobody_by_postgres", || is_lent_to_nobody(Kind::Postgres)),
        needs(&maria, "what_broke_while_idle_is_lent_to_nobody_by_maria", || is_lent_to_nobody(Kind::Maria)),
        needs(&postgres, "postgres_held_still_holds_nobody", || holds_nobody(Kind::Postgres)),
        needs(&maria, "maria_held_still_holds_nobody", || holds_nobody(Kind::Maria)),
    ]
}

fn config(server: &Server, more: &str) -> String {
    format!(
        "{QUIET}[pools.main]\nurl = \"{}\"\nmin_connections = 3\nmax_connections = 6\nacquire_timeout = \"1s\"\n\
         [limits]\nrequest_timeout = \"2s\"\n{more}",
        server.url()
    )
}

async fn serves(service: &Service) {
    let look = || async { service.get("/db").await.ok().filter(|answer| answer.status == 200) };
    wait::until("a connection", LONG, look).await;
}

fn panics(service: &Service) -> Vec<String> {
    let said = [service.process.log(), service.process.said()].concat();
    said.into_iter().filter(|line| line.contains("panic")).collect()
}

/// No worker is stuck while it is away, the readiness tells, and both come back by themselves, within the bounds.
async fn comes_back(kind: Kind) {
    let mut server = Server::start(kind).await;
    let probes = "[probes]\ninterval = \"200ms\"\n[probes.checks.db]\nkind = \"pool\"\npool = \"main\"\n\
                  groups = [\"readiness\"]\n";
    let service = Service::start(&config(&server, probes)).await;
    let readiness = || async { service.client().get(service.metrics, "/readyz").await.expect("it answers").status };
    wait::until("readiness", LONG, || async { (readiness().await == 200).then_some(()) }).await;
    let load = Load::start(service.server, WORKERS, "/db?ms=2");
    sleep(Duration::from_millis(300)).await;
    for _ in 0..2 {
        server.kill_9().await;
        wait::until("that it is not ready", LONG, || async { (readiness().await == 503).then_some(()) }).await;
        server.restart().await;
        let watch = Watch::start(&server, 6).await;
        wait::until("readiness", LONG, || async { (readiness().await == 200).then_some(()) }).await;
        let before = load.seen().answered.load(SeqCst);
        wait::holds("answers", LONG, || load.seen().answered.load(SeqCst) > before + 100).await;
        let failed = load.seen().failures().len();
        sleep(Duration::from_millis(500)).await;
        assert_eq!(load.seen().failures().len(), failed, "{:?}", load.seen().failures().last());
        watch.end().await;
    }
    let seen = load.end().await;
    assert!(seen.slowest() < Duration::from_secs(2) + SLACK, "{:?}", seen.slowest());
    let failures = seen.failures();
    assert!(!failures.is_empty() && failures.iter().all(|failure| failure.starts_with('5')), "{failures:?}");
    assert_eq!(panics(&service), Vec::<String>::new());
    let said = [service.process.log(), service.process.said(), failures].concat().join("\n");
    assert!(!said.contains(server.password()), "{said}");
    assert!(said.contains("pool.recovered"), "{said}");
}

/// Nobody uses the pool while the server goes and comes; everybody who uses it then gets an answer.
async fn is_lent_to_nobody(kind: Kind) {
    let mut server = Server::start(kind).await;
    let service = Service::start(&config(&server, "")).await;
    serves(&service).await;
    for round in 0..3 {
        let idle = || async { service.scrape().await.value("db_client_connection_count", &[("state", "idle")]) };
        wait::until("idle connections", LONG, || async { (idle().await >= Some(3.0)).then_some(()) }).await;
        match round {
            0 => server.restart().await,
            1 => {
                server.kill_9().await;
                server.restart().await;
            }
            _ => {
                server.witness().await.end_connections().await;
                sleep(Duration::from_millis(150)).await;
            }
        }
        let mut asked = JoinSet::new();
        for _ in 0..WORKERS {
            let (client, server) = (service.client().clone(), service.server);
            asked.spawn(async move { client.get(server, "/db").await.expect("an answer") });
        }
        while let Some(answer) = asked.join_next().await {
            let answer = answer.expect("no panic");
            assert_eq!(answer.status, 200, "round {round}: {}", answer.text());
        }
    }
    assert_eq!(panics(&service), Vec::<String>::new());
}

/// A server that neither answers nor ends: each caller ends by its own time, and when it goes on, so does all.
async fn holds_nobody(kind: Kind) {
    let server = Server::start(kind).await;
    let mut service = Service::start(&config(&server, "[shutdown]\ntimeout = \"3s\"\n")).await;
    let load = Load::start(service.server, WORKERS, "/db?ms=2");
    sleep(Duration::from_millis(300)).await;
    for held in [1, 8] {
        server.stop();
        sleep(Duration::from_secs(held)).await;
        server.cont();
        let before = load.seen().answered.load(SeqCst);
        wait::holds("answers", LONG, || load.seen().answered.load(SeqCst) > before + 50).await;
    }
    let seen = load.end().await;
    assert!(seen.slowest() < Duration::from_secs(2) + SLACK, "{:?}", seen.slowest());
    let used = || async { service.scrape().await.value("db_client_connection_count", &[("state", "used")]) };
    wait::until("that none is in use", LONG, || async { (used().await == Some(0.0)).then_some(()) }).await;
    let mut witness = server.witness().await;
    assert!(witness.connections().await <= 6);
    assert_eq!(panics(&service), Vec::<String>::new());

    // Nor does it hold the end of the process, with queries that nothing answers.
    let load = Load::start(service.server, WORKERS, "/db?ms=2");
    sleep(Duration::from_millis(100)).await;
    server.stop();
    service.process.signal(Signal::TERM);
    service.process.ended(Duration::from_secs(3) + SLACK).await;
    drop(load);
}
