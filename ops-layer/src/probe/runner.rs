//! The task that makes one check again and again.

use super::{check::HealthCheck, checker::Settings, CheckError, Record};
use crate::clock::Moment;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinHandle},
    time::{sleep_until, timeout, Instant},
};

/// Ends a task when dropped.
#[derive(Debug)]
pub(super) struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the task of a check. `done` hears of each result.
pub(super) fn start(
    check: Arc<dyn HealthCheck>,
    record: Arc<Mutex<Record>>,
    settings: watch::Receiver<Settings>,
    done: watch::Sender<()>,
) -> Running {
    Running(tokio::spawn(run(check, record, settings, done)).abort_handle())
}

async fn run(
    check: Arc<dyn HealthCheck>,
    record: Arc<Mutex<Record>>,
    mut settings: watch::Receiver<Settings>,
    done: watch::Sender<()>,
) {
    let mut under_way: Option<Attempt> = None;
    loop {
        let now = *settings.borrow_and_update();
        let begin = Instant::now();
        let outcome = match &under_way {
            // Cut the last time and still there: it blocks its thread. Another would block one more.
            Some(stuck) if !stuck.0.is_finished() => Err(CheckError::new("the check before has not ended")),
            _ => {
                let mut attempt = Attempt(tokio::spawn({
                    let check = Arc::clone(&check);
                    async move { check.check().await }
                }));
                let outcome = match timeout(now.timeout, &mut attempt.0).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(panic)) => Err(CheckError::new(format_args!("the check panicked: {}", said(panic)))),
                    Err(_) => Err(CheckError::new(format_args!("no result within {:?}", now.timeout))),
                };
                attempt.0.abort();
                under_way = Some(attempt);
                outcome
            }
        };
        let took = begin.elapsed();
        record.lock().unwrap_or_else(PoisonError::into_inner).take(
            outcome,
            took,
            &settings.borrow().thresholds,
            Moment::now(),
        );
        done.send_replace(());

        loop {
            let next = begin + settings.borrow_and_update().interval;
            tokio::select! {
                () = sleep_until(next) => break,
                changed = settings.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// One attempt, in a task of its own: so a panic ends only it, and a check that blocks its thread
/// does not keep the result from being written down.
struct Attempt(JoinHandle<Result<(), CheckError>>);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a panic said.
fn said(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "cut".to_owned() };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().map_or_else(|_| "no reason given".to_owned(), |text| (*text).to_owned()),
    }
}
