//! An orchestrator that asks the probes all the while.

use ops_tests::{client::Client, wait};
use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout, Instant},
};

/// How long it waits for an answer. Twice what Kubernetes does by default, on a machine that builds besides.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(25);

/// Asks `/livez` and `/readyz` by turns.
pub(crate) struct Prober {
    ended: Arc<AtomicBool>,
    is_ready: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
struct Seen {
    worst: Duration,
    /// Answers that did not come in time, and any of `/livez` but 200.
    wrong: Vec<String>,
}

impl Prober {
    pub(crate) fn start(metrics: SocketAddr) -> Self {
        let (ended, is_ready, seen) = (Arc::default(), Arc::default(), Arc::<Mutex<Seen>>::default());
        let task = tokio::spawn(ask(metrics, Arc::clone(&ended), Arc::clone(&is_ready), Arc::clone(&seen)));
        Self { ended, is_ready, seen, task }
    }

    /// Waits until the service says that it is ready, or that it is not; how long that took.
    pub(crate) async fn readiness(&self, is: bool, within: Duration) -> Duration {
        let begun = Instant::now();
        let what = if is { "readiness" } else { "readiness that fails" };
        wait::holds(what, within, || self.is_ready.load(Relaxed) == is).await;
        begun.elapsed()
    }

    /// The longest that an answer took since this was asked last.
    pub(crate) fn worst(&self) -> Duration {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).worst)
    }

    /// What was wrong in all.
    pub(crate) async fn end(self) -> Vec<String> {
        self.ended.store(true, Relaxed);
        self.task.await.expect("the prober ends");
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.wrong.clone()
    }
}

async fn ask(metrics: SocketAddr, ended: Arc<AtomicBool>, is_ready: Arc<AtomicBool>, seen: Arc<Mutex<Seen>>) {
    let client = Client::http1();
    while !ended.load(Relaxed) {
        for path in ["/livez", "/readyz"] {
            let begun = Instant::now();
            let answer = timeout(PATIENCE, client.get(metrics, path)).await;
            let took = begun.elapsed();
            let wrong = match answer {
                Err(_) => Some("no answer in time".to_owned()),
                Ok(Err(error)) => Some(format!("{error:?}")),
                Ok(Ok(answer)) if path == "/readyz" => {
                    is_ready.store(answer.status == 200, Relaxed);
                    None
                }
                Ok(Ok(answer)) => (answer.status != 200).then(|| answer.text()),
            };
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.worst = seen.worst.max(took);
            seen.wrong.extend(wrong.map(|wrong| format!("{path}: {wrong}")));
        }
        sleep(PAUSE).await;
    }
}
