//! Clients that write, and write down what was confirmed to them.

use http::Method;
use ops_tests::{client::Client, wait};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{sleep, Instant},
};

/// Between the answer to one request and the next.
const PAUSE: Duration = Duration::from_millis(4);

/// Clients at work. No write is sent twice: one whose end is not known may have been kept.
pub(crate) struct Writers {
    ended: Arc<AtomicBool>,
    ledger: Arc<Mutex<Ledger>>,
    tasks: Vec<JoinHandle<()>>,
}

/// What they have seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// The names of the items that the service said are kept.
    pub(crate) confirmed: Vec<String>,
    /// When the request began that was confirmed last.
    begun: Option<Instant>,
    /// How many had which other status.
    pub(crate) failed: BTreeMap<u16, u64>,
    /// The longest that any answer took.
    pub(crate) slowest: Duration,
    /// The longest that one took which said 503.
    pub(crate) slowest_refusal: Duration,
    /// What had no answer at all.
    pub(crate) broken: Vec<String>,
}

impl Ledger {
    pub(crate) fn requests(&self) -> u64 {
        self.confirmed.len() as u64 + self.failures()
    }

    pub(crate) fn failures(&self) -> u64 {
        self.failed.values().sum::<u64>() + self.broken.len() as u64
    }
}

impl Writers {
    /// So many that `POST /items`, and two that hold connections of the pool for a moment.
    pub(crate) fn start(server: SocketAddr, clients: usize) -> Self {
        let (ended, ledger) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Ledger>>::default());
        let begin = |number: usize, path: Option<&'static str>| {
            let (ended, ledger) = (Arc::clone(&ended), Arc::clone(&ledger));
            tokio::spawn(async move {
                let client = if number.is_multiple_of(2) { Client::http1() } else { Client::http2() };
                for count in 0_u64.. {
                    if ended.load(Relaxed) {
                        return;
                    }
                    one(&client, server, path, format!("{number}-{count}"), &ledger).await;
                    sleep(PAUSE).await;
                }
            })
        };
        let writers: Vec<_> = (0..clients).map(|number| begin(number, None)).collect();
        let tasks = writers.into_iter().chain((0..2).map(|number| begin(number, Some("/db?ms=2")))).collect();
        Self { ended, ledger, tasks }
    }

    /// So far.
    pub(crate) fn ledger(&self) -> Ledger {
        lock(&self.ledger).clone()
    }

    /// Waits until one is confirmed that was begun from now on; how long that took.
    pub(crate) async fn confirmed(&self, within: Duration) -> Duration {
        let now = Instant::now();
        let has = || lock(&self.ledger).begun.is_some_and(|begun| begun >= now);
        wait::holds("a write that is confirmed", within, has).await;
        now.elapsed()
    }

    /// Waits until so many more are confirmed.
    pub(crate) async fn go_on(&self, more: usize, within: Duration) {
        let wanted = lock(&self.ledger).confirmed.len() + more;
        wait::holds("more that is confirmed", within, || lock(&self.ledger).confirmed.len() >= wanted).await;
    }

    /// Lets the last requests come to their end.
    pub(crate) async fn end(self) -> Ledger {
        self.ended.store(true, Relaxed);
        for task in self.tasks {
            task.await.expect("the client ends");
        }
        let ledger = lock(&self.ledger);
        ledger.clone()
    }
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn one(client: &Client, server: SocketAddr, path: Option<&str>, name: String, ledger: &Mutex<Ledger>) {
    let begun = Instant::now();
    let answer = if let Some(path) = path {
        client.get(server, path).await
    } else {
        let body = format!("{{\"name\": \"{name}\"}}");
        client.send(server, Method::POST, "/items", &[("content-type", "application/json")], &body).await
    };
    let took = begun.elapsed();
    let mut ledger = lock(ledger);
    ledger.slowest = ledger.slowest.max(took);
    match answer {
        Ok(answer) if answer.status == 201 => {
            ledger.begun = ledger.begun.max(Some(begun));
            ledger.confirmed.push(name);
        }
        Ok(answer) if answer.status == 200 => {}
        Ok(answer) => {
            *ledger.failed.entry(answer.status.as_u16()).or_default() += 1;
            if answer.status == 503 {
                ledger.slowest_refusal = ledger.slowest_refusal.max(took);
            }
        }
        Err(error) => ledger.broken.push(format!("{name}: {error:?}")),
    }
}
