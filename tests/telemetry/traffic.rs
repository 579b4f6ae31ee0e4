//! Requests all the while, each with a number that its span shows.

use http::Method;
use ops_tests::client::{Answer, Client};
use ops_tests::{service::SOON, wait};
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::{Duration, SystemTime},
};
use tokio::{task::JoinHandle, time::interval};

/// How often each client asks.
const PERIOD: Duration = Duration::from_millis(4);

/// Who decides whether a request is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// The service.
    Here,
    /// The caller: it is.
    Recorded,
}

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Traffic {
    ended: Arc<AtomicBool>,
    begun: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<Sent>>>,
}

/// A request that was answered with 200.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) number: usize,
    pub(crate) begun: SystemTime,
    pub(crate) ended: SystemTime,
}

impl Sent {
    /// From the request to the end of the body.
    pub(crate) fn took(&self) -> Duration {
        self.ended.duration_since(self.begun).unwrap_or_default()
    }
}

/// Asks for a path as the request of this number.
pub(crate) async fn ask(client: &Client, to: SocketAddr, path: &str, number: usize, decided: Decided) -> Answer {
    let agent = format!("test/{number}");
    let parent = format!("00-{:032x}-{:016x}-01", number + 1, number + 1);
    let headers = [("user-agent", agent.as_str()), ("traceparent", parent.as_str())];
    let headers = if decided == Decided::Here { &headers[..1] } else { &headers };
    client.send(to, Method::GET, path, headers, "").await.expect("an answer")
}

impl Traffic {
    /// So many clients that ask for `/ok`. A request that fails, fails the test.
    pub(crate) fn start(server: SocketAddr, clients: usize, decided: Decided) -> Self {
        let (ended, begun) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let client = || {
            let (ended, begun, client) = (Arc::clone(&ended), Arc::clone(&begun), Client::http1());
            tokio::spawn(async move {
                let (mut all, mut ticks) = (Vec::new(), interval(PERIOD));
                while !ended.load(Relaxed) {
                    ticks.tick().await;
                    let (number, begun) = (begun.fetch_add(1, Relaxed), SystemTime::now());
                    let answer = ask(&client, server, "/ok", number, decided).await;
                    assert!(answer.status.is_success(), "request {number}: {}", answer.status);
                    all.push(Sent { number, begun, ended: SystemTime::now() });
                }
                all
            })
        };
        let clients = (0..clients).map(|_| client()).collect();
        Self { ended, begun, clients }
    }

    /// So many requests more.
    pub(crate) async fn goes_on(&self, requests: usize) {
        let before = self.begun.load(Relaxed);
        let is_over = || self.clients.iter().any(JoinHandle::is_finished);
        wait::holds("more requests", SOON * 3, || self.begun.load(Relaxed) >= before + requests || is_over()).await;
    }

    /// Ends it: all requests, in the order of their numbers.
    pub(crate) async fn end(self) -> Vec<Sent> {
        self.ended.store(true, Relaxed);
        let mut all = Vec::new();
        for client in self.clients {
            all.extend(client.await.expect("no request failed"));
        }
        all.sort_unstable_by_key(|sent| sent.number);
        all
    }
}
