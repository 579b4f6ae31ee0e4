//! What a pool does off its callers' path: open, look after, ask, close.

use super::{
    live::{Idle, Live},
    shared::Shared,
    state::State,
    target::Target,
    Driver, Proof,
};
use crate::clock::Moment;
use sqlx::Connection;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout, timeout_at, Instant};

/// How long opening a connection may take at most, whatever callers are willing to wait. A network that swallowed the
/// first packets is tried anew by then, rather than when the kernel would.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection that was used may take to answer, before it is closed instead: time for a query that was
/// given up to end, where it does.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);
/// The same of one that was idle, which has nothing to do but to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What asking a connection has shown.
enum Found {
    Sound {
        asked: Moment,
    },
    /// A transaction that nobody ends, or a query that was given up and runs on. No sign of ill of any other.
    Unfit,
    Broken(String),
}

impl<DB: Driver> Shared<DB> {
    /// Opens a connection; the ledger has it as being opened.
    pub(super) fn open(self: &Arc<Self>, target: Arc<Target<DB>>, epoch: u64) {
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            let opening = Opening { pool: &pool, epoch, is_settled: false };
            match connect(&target, Instant::now() + OPEN_WITHIN).await {
                Ok(connection) => opening.succeeded(Live::new(connection, epoch, Moment::now())),
                Err(cause) => opening.failed(&cause),
            }
        });
    }

    /// Looks after a connection whose user may have left a query or a transaction behind; the ledger has it as lent.
    pub(super) fn settle(self: &Arc<Self>, live: Live<DB>) {
        self.end_loan(live.slot);
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            Visit { pool, live: Some(live), idle_since: None }.make(SETTLE_WITHIN).await;
        });
    }

    /// Asks an idle connection whether it still answers; the ledger has it as being asked.
    pub(super) fn ask_whether(self: &Arc<Self>, Idle { live, since }: Idle<DB>) {
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            Visit { pool, live: Some(live), idle_since: Some(since) }.make(ANSWER_WITHIN).await;
        });
    }

    /// Closes a connection; the ledger has it as being closed.
    pub(super) fn close(self: &Arc<Self>, connection: DB::Connection) {
        let pool = Arc::clone(self);
        // What guards an entry of the ledger begins within its task: at the end of the runtime a task is dropped where
        // it is spawned, under the lock that the guard would take.
        self.runtime().spawn(async move {
            let closing = Closing(pool);
            let closed = match DB::CLOSE_WITHIN {
                // What does not close in time is dropped, and with it its end of the line.
                Some(within) => timeout(within, connection.close()).await.unwrap_or(Ok(())),
                None => connection.close().await,
            };
            if let Err(error) = closed {
                tracing::debug!(name: "pool.close_failed", pool = %closing.0.name(), error = %error, "a connection did not close cleanly");
            }
            if !DB::LINGERS.is_zero() {
                sleep(DB::LINGERS).await;
            }
            drop(closing);
        });
    }
}

/// A connection that is asked off its callers' path. Its entry of the ledger is settled even when the driver panics.
struct Visit<DB: Driver> {
    pool: Arc<Shared<DB>>,
    live: Option<Live<DB>>,
    /// Since when it is idle; none while the ledger has it as lent.
    idle_since: Option<Moment>,
}

impl<DB: Driver> Visit<DB> {
    async fn make(mut self, within: Duration) {
        let Some(live) = &mut self.live else { return };
        let asked = Moment::now();
        // What was begun is rolled back, and what was sent is answered, before the ping is.
        let found = match timeout(within, live.connection.ping()).await {
            Ok(Ok(())) if live.connection.is_in_transaction() => Found::Unfit,
            Ok(Ok(())) => Found::Sound { asked },
            Ok(Err(error)) => Found::Broken(cause(&error)),
            Err(_) if self.idle_since.is_none() => Found::Unfit,
            Err(_) => Found::Broken(format!("no answer within {within:?}")),
        };
        self.end(&found);
    }

    fn end(mut self, found: &Found) {
        let Some(mut live) = self.live.take() else { return };
        let mut state = self.pool.lock();
        // Read under the lock, and once: what has answered is fresh for who waits, whatever held this thread up.
        let now = Moment::now();
        let is_sound = match found {
            Found::Sound { asked } => {
                live.proof = Proof { asked: *asked, answered: now };
                true
            }
            Found::Unfit | Found::Broken(_) => false,
        };
        let (verdict, since) = match self.idle_since {
            Some(since) => (state.ledger.answered(live.epoch, live.born, is_sound, now), since),
            None => (state.ledger.give_back(live.epoch, live.born, is_sound, now), now),
        };
        let lost = match (found, &state.target) {
            (Found::Broken(cause), Some(at)) if live.epoch == state.ledger.epoch() => Some(at.mask(cause).into_owned()),
            _ => None,
        };
        let lost = lost.filter(|_| state.lose(now));
        self.pool.place(&mut state, Idle { live, since }, verdict, now);
        drop(state);
        if let Some(cause) = lost {
            tracing::warn!(name: "pool.connection_lost", pool = %self.pool.name(), error = cause, "a connection does not answer any more");
        }
        self.pool.keeper.notify_one();
    }
}

impl<DB: Driver> State<DB> {
    /// A connection was found broken. Returns whether that is news.
    fn lose(&mut self, now: Moment) -> bool {
        self.trust.doubt(now);
        !std::mem::replace(&mut self.is_troubled, true)
    }
}

impl<DB: Driver> Drop for Visit<DB> {
    fn drop(&mut self) {
        if self.live.take().is_some() {
            let mut state = self.pool.lock();
            state.ledger.lost(self.idle_since.is_some());
            self.pool.tend(&mut state, Moment::now(), 0);
            drop(state);
            self.pool.closed.notify_waiters();
        }
    }
}

/// A connection that is being closed. Off the ledger when dropped, closed or not.
struct Closing<DB: Driver>(Arc<Shared<DB>>);

impl<DB: Driver> Drop for Closing<DB> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.ledger.closed();
        self.0.tend(&mut state, Moment::now(), 0);
        drop(state);
        self.0.closed.notify_waiters();
        self.0.keeper.notify_one();
    }
}

/// An entry of the ledger that is settled even when opening panics.
struct Opening<'a, DB: Driver> {
    pool: &'a Arc<Shared<DB>>,
    epoch: u64,
    is_settled: bool,
}

impl<DB: Driver> Opening<'_, DB> {
    fn succeeded(mut self, live: Live<DB>) {
        self.is_settled = true;
        self.pool.opened(live);
    }

    fn failed(mut self, cause: &str) {
        self.is_settled = true;
        self.settle(cause);
    }

    fn settle(&self, cause: &str) {
        let now = Moment::now();
        let mut state = self.pool.lock();
        let is_news = state.cause.as_deref() != Some(cause);
        if self.epoch == state.ledger.epoch() {
            state.cause = Some(cause.into());
            state.is_troubled = true;
        }
        state.ledger.open_failed(self.epoch, now);
        self.pool.tend(&mut state, now, 0);
        drop(state);
        self.pool.keeper.notify_one();
        self.pool.closed.notify_waiters();
        if is_news {
            tracing::warn!(name: "pool.open_failed", pool = %self.pool.name(), error = cause, "no connection opened");
        }
    }
}

impl<DB: Driver> Drop for Opening<'_, DB> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.settle("the driver panicked");
        }
    }
}

/// Opens a connection, or says why not, without any password.
async fn connect<DB: Driver>(target: &Target<DB>, deadline: Instant) -> Result<DB::Connection, String> {
    said(target, deadline, DB::Connection::connect_with(target.options())).await
}

/// Opens the first connection to an address, and looks whether there is a database behind it.
pub(super) async fn prove<DB: Driver>(target: &Target<DB>, deadline: Instant) -> Result<DB::Connection, String> {
    let proof = async {
        let mut connection = DB::Connection::connect_with(target.options()).await?;
        DB::prove(&mut connection).await.map(|()| connection)
    };
    said(target, deadline, proof).await
}

async fn said<DB: Driver, T>(
    target: &Target<DB>,
    deadline: Instant,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, String> {
    let within = deadline - Instant::now();
    match timeout_at(deadline, work).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(target.mask(&cause(&error)).into_owned()),
        Err(_) => Err(format!("no connection within {within:.1?}")),
    }
}

/// The driver's own words.
pub(super) fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}
