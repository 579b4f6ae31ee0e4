//! Queries all the while, and the server's own count of connections beside them.

use ops_tests::{
    client::{Answer, Client},
    database::{Server, Witness},
};
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
        Arc, Mutex,
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// Workers that ask for a path without a pause.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    seen: Arc<Seen>,
    workers: Vec<JoinHandle<()>>,
}

/// What they have seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) answered: AtomicU64,
    /// Everything that was not a 200.
    pub(crate) failed: Mutex<Vec<String>>,
    slowest: Mutex<Duration>,
}

impl Seen {
    pub(crate) fn slowest(&self) -> Duration {
        *self.slowest.lock().expect("nobody panics with it")
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.failed.lock().expect("nobody panics with it").clone()
    }

    fn note(&self, answer: Result<Answer, ops_tests::client::Failure>) {
        match answer {
            Ok(answer) => {
                let mut slowest = self.slowest.lock().expect("nobody panics with it");
                *slowest = answer.took.max(*slowest);
                drop(slowest);
                if answer.status == 200 {
                    self.answered.fetch_add(1, SeqCst);
                } else {
                    let mut failed = self.failed.lock().expect("nobody panics with it");
                    failed.push(format!("{}: {}", answer.status, answer.text().trim()));
                }
            }
            Err(error) => self.failed.lock().expect("nobody panics with it").push(format!("no answer: {error}")),
        }
    }
}

impl Load {
    pub(crate) fn start(server: SocketAddr, workers: usize, path: &'static str) -> Self {
        let (is_over, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Seen::default()));
        let workers = (0..workers)
            .map(|_| {
                let (is_over, seen) = (Arc::clone(&is_over), Arc::clone(&seen));
                tokio::spawn(async move {
                    let client = Client::http1();
                    while !is_over.load(SeqCst) {
                        seen.note(client.get(server, path).await);
                    }
                })
            })
            .collect();
        Self { is_over, seen, workers }
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Lets the last requests come to their end.
    pub(crate) async fn end(self) -> Arc<Seen> {
        self.is_over.store(true, SeqCst);
        for worker in self.workers {
            worker.await.expect("no worker panics");
        }
        self.seen
    }
}

/// The administrator's count, taken again and again.
pub(crate) struct Watch {
    is_over: Arc<AtomicBool>,
    count: Arc<Count>,
    task: JoinHandle<Witness>,
}

#[derive(Default)]
struct Count {
    /// What it must not be above.
    limit: AtomicUsize,
    now: AtomicUsize,
    samples: AtomicU64,
    worst: AtomicUsize,
    above: AtomicU64,
}

impl Watch {
    pub(crate) async fn start(server: &Server, limit: usize) -> Self {
        let mut witness = server.witness().await;
        let (is_over, count) = (Arc::new(AtomicBool::new(false)), Arc::new(Count::default()));
        count.limit.store(limit, SeqCst);
        let (stop, shared) = (Arc::clone(&is_over), Arc::clone(&count));
        let task = tokio::spawn(async move {
            while !stop.load(SeqCst) {
                let before = shared.limit.load(SeqCst);
                let now = witness.connections().await;
                shared.now.store(now, SeqCst);
                shared.samples.fetch_add(1, SeqCst);
                if now > before.max(shared.limit.load(SeqCst)) {
                    shared.worst.fetch_max(now, SeqCst);
                    shared.above.fetch_add(1, SeqCst);
                }
            }
            witness
        });
        Self { is_over, count, task }
    }

    /// From now on two bounds are right: the one before and this.
    pub(crate) fn widen(&self, limit: usize) {
        self.count.limit.fetch_max(limit, SeqCst);
    }

    /// From now on only this is right.
    pub(crate) fn narrow(&self, limit: usize) {
        self.count.limit.store(limit, SeqCst);
    }

    /// Waits until two counts after now are what is looked for.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(usize) -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let mut good = 0;
        let mut last = self.count.samples.load(SeqCst) + 1;
        while good < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let samples = self.count.samples.load(SeqCst);
            let now = self.count.now.load(SeqCst);
            if samples > last {
                good = if is_so(now) { good + 1 } else { 0 };
                last = samples;
            }
            assert!(tokio::time::Instant::now() < deadline, "never {what}: {now} now");
        }
    }

    /// How often it was counted; panics if it was ever above.
    pub(crate) async fn end(self) -> u64 {
        self.is_over.store(true, SeqCst);
        self.task.await.expect("the witness does not panic");
        let (above, worst) = (self.count.above.load(SeqCst), self.count.worst.load(SeqCst));
        let samples = self.count.samples.load(SeqCst);
        assert_eq!(above, 0, "of {samples} counts so many were above the maximum, up to {worst}");
        samples
    }
}
