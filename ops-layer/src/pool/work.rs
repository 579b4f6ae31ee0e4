//! What a pool does off its callers' path: open, look after, close.

use super::{
    driver::Target,
    shared::{Live, Shared},
    Driver,
};
use crate::clock::Moment;
use sqlx::Connection;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long opening a connection may take at most, whatever callers are willing to wait.
const OPEN_WITHIN: Duration = Duration::from_secs(30);
/// How long a connection that was used may take to answer, before it is closed instead.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

impl<DB: Driver> Shared<DB> {
    /// Opens a connection; the ledger has it as being opened.
    pub(super) fn open(self: &Arc<Self>, target: Arc<Target<DB>>, epoch: u64) {
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            let opening = Opening { pool: &pool, epoch, is_settled: false };
            match connect(&target, OPEN_WITHIN).await {
                Ok(connection) => {
                    opening.succeeded(Live { connection, born: Moment::now(), epoch });
                }
                Err(cause) => opening.failed(&cause),
            }
        });
    }

    /// Looks after a connection whose user may have left a query or a transaction behind.
    pub(super) fn settle(self: &Arc<Self>, mut live: Live<DB>) {
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            // What was begun is rolled back, and what was sent is answered, before the ping is.
            let answered = timeout(ANSWER_WITHIN, live.connection.ping()).await;
            let is_sound = matches!(answered, Ok(Ok(()))) && !live.connection.is_in_transaction();
            pool.give_back(live, is_sound);
        });
    }

    /// Closes a connection; the ledger has it as being closed. Ends when the last query on it does.
    pub(super) fn close(self: &Arc<Self>, connection: DB::Connection) {
        let pool = Arc::clone(self);
        self.runtime().spawn(async move {
            if let Err(error) = connection.close().await {
                tracing::debug!(name: "pool.close_failed", pool = %pool.name(), error = %error, "a connection did not close cleanly");
            }
            let mut state = pool.lock();
            state.ledger.closed();
            pool.tend(&mut state, Moment::now(), 0);
            drop(state);
            pool.closed.notify_waiters();
            pool.keeper.notify_one();
        });
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
async fn connect<DB: Driver>(target: &Target<DB>, within: Duration) -> Result<DB::Connection, String> {
    said(target, within, DB::Connection::connect_with(target.options())).await
}

/// Opens the first connection to an address, and looks whether there is a database behind it.
pub(super) async fn prove<DB: Driver>(target: &Target<DB>, within: Duration) -> Result<DB::Connection, String> {
    let proof = async {
        let mut connection = DB::Connection::connect_with(target.options()).await?;
        DB::prove(&mut connection).await.map(|()| connection)
    };
    said(target, within, proof).await
}

async fn said<DB: Driver, T>(
    target: &Target<DB>,
    within: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, String> {
    match timeout(within, work).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(target.mask(&cause(&error)).into_owned()),
        Err(_) => Err(format!("no connection within {within:?}")),
    }
}

/// The driver's own words.
pub(super) fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}
