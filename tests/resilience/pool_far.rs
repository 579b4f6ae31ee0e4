//! A database at the end of a long line: every answer takes longer than a connection is trusted unasked, or none comes.

use libtest_mimic::Trial;
use ops_tests::{
    database::{Kind, Server},
    outside::needs,
    service::{Process, Service, QUIET},
};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::{sleep, sleep_until, Instant},
};

pub(crate) fn trials() -> Vec<Trial> {
    let [postgres, maria] = Kind::ALL.map(Kind::needs);
    vec![
        needs(&postgres, "a_far_postgres_serves_all", || serves_all(Kind::Postgres)),
        needs(&maria, "a_far_maria_serves_all", || serves_all(Kind::Maria)),
        needs(&[], "a_database_that_never_answers_is_told_of_beside_other_faults", never_answers),
    ]
}

/// A line to `server` that holds each byte up for `delay`, each way. It ends with its runtime.
async fn line_to(server: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has one");
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(server).await else { continue };
            let ((near_out, near_in), (far_out, far_in)) = (near.into_split(), far.into_split());
            tokio::spawn(carry(near_out, far_in, delay));
            tokio::spawn(carry(far_out, near_in, delay));
        }
    });
    address
}

/// What is read while something is on its way follows it: a delay is no bound on how much goes through.
async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin + Send + 'static, delay: Duration) {
    let (put, mut get) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((due, bytes)) = get.recv().await {
            sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // One that is gone has seen the end already.
        let _ = to.shutdown().await;
    });
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if put.send((Instant::now() + delay, bytes[..count].to_vec())).is_err() {
            break;
        }
    }
}

/// Whoever asks after a pause, and so must wait for an idle connection to answer first, gets it; so do many at once.
async fn serves_all(kind: Kind) {
    let server = Server::start(kind).await;
    for delay in [60, 200].map(Duration::from_millis) {
        let address = line_to(server.address(), delay).await;
        let url = server.url().replace(&server.address().to_string(), &address.to_string());
        let text = format!(
            "{QUIET}[pools.main]\nurl = \"{url}\"\nmin_connections = 2\nmax_connections = 4\nacquire_timeout = \"10s\"\n\
             [limits]\nrequest_timeout = \"20s\"\n"
        );
        let service = Service::start(&text).await;
        for turn in 0..4 {
            sleep(Duration::from_millis(150)).await;
            let answer = service.get("/db").await.expect("an answer");
            assert_eq!(answer.status, 200, "{delay:?}, turn {turn}: {}", answer.text());
        }
        let mut asked = JoinSet::new();
        for _ in 0..8 {
            let (client, server) = (service.client().clone(), service.server);
            asked.spawn(async move { client.get(server, "/db").await.expect("an answer") });
        }
        while let Some(answer) = asked.join_next().await {
            let answer = answer.expect("no panic");
            assert_eq!(answer.status, 200, "{delay:?}, at once: {}", answer.text());
        }
        let log = service.process.log().join("\n");
        assert!(!log.contains("pool.connection_lost"), "{log}");
    }
}

/// A host that takes connections and says nothing, with the longest patience, and a port that another has.
async fn never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = silent.local_addr().expect("it has one");
    let taken = format!("[admin]\nlisten = \"{address}\"");
    let quiet = QUIET.replace("[admin]\nlisten = \"127.0.0.1:0\"", &taken);
    let pool = format!("[pools.main]\nurl = \"postgres://app:hunter2@{address}/shop\"\nacquire_timeout = \"10m\"\n");
    let mut process = Process::spawn(&format!("{quiet}{pool}"));
    let status = process.ended(Duration::from_secs(25)).await;
    let said = process.said().join("\n");
    assert!(!status.success(), "{said}");
    for part in ["pools.main.url", "no connection within 10.0s", "admin.listen"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("OPS304") && !said.contains("hunter2"), "{said}");
}
