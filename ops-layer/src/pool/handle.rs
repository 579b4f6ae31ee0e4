//! The handle of a pool.

use super::{
    keeper::keep,
    loan::Taker,
    shared::{Answer, Shared},
    stats::Stats,
    Driver, PoolConnection, PoolError, PoolSnapshot,
};
use crate::clock::Moment;
use ops_config::value::Name;
use sqlx::pool::PoolOptions;
use std::{fmt, future::Future, panic::Location, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{sleep_until, Instant},
};

/// Tells which trace the code running now belongs to, for the pool to say who took a connection.
pub type CurrentTrace = fn() -> Option<u128>;

/// A pool of connections to one database. Cheap to clone; means the pool of its name through every reload.
pub struct Pool<DB: Driver> {
    pub(super) shared: Arc<Shared<DB>>,
    current_trace: CurrentTrace,
}

impl<DB: Driver> Pool<DB> {
    /// A pool that is closed until it is configured. Its tasks run where this is called.
    pub(super) fn new(name: Name, stats: Arc<Stats>, current_trace: CurrentTrace) -> Self {
        let runtime = Handle::current();
        let shared = Arc::new(Shared::new(name, runtime.clone(), stats));
        runtime.spawn(keep(Arc::downgrade(&shared), Arc::clone(&shared.keeper)));
        Self { shared, current_trace }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.shared.name()
    }

    /// A connection, as soon as it is the caller's turn. First come, first served.
    ///
    /// One that is held longer than `leak_threshold` is told of with the line of this call and the trace it was in.
    ///
    /// # Errors
    /// [`PoolError::Timeout`] after `acquire_timeout`, [`PoolError::Closed`] when the pool was taken out of the
    /// configuration, its address is now one of another kind of database, or the process ends.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<PoolConnection<DB>, PoolError>> + Send + use<'_, DB> {
        // Here and not in the future: its place is that of the caller.
        let place = Location::caller();
        async move {
            let taker = Taker { place, trace: (self.current_trace)() };
            match self.shared.ask(taker) {
                Answer::Lent(connection) => {
                    self.shared.stats.immediate();
                    Ok(connection)
                }
                Answer::Closed => Err(self.closed()),
                Answer::Wait { turn, granted, timeout } => self.wait(turn, granted, timeout).await,
            }
        }
    }

    async fn wait(
        &self,
        turn: u64,
        mut granted: oneshot::Receiver<PoolConnection<DB>>,
        timeout: Duration,
    ) -> Result<PoolConnection<DB>, PoolError> {
        let begin = Moment::now();
        let place = Place { shared: &self.shared, turn };
        let granted = tokio::select! {
            biased;
            granted = &mut granted => granted.map_err(|_| self.closed()),
            () = sleep_until(Instant::now() + timeout) => {
                granted.close();
                // It may have come in the very moment we gave up.
                granted.try_recv().map_err(|_| self.timed_out(begin))
            }
        };
        drop(place);
        if granted.is_ok() {
            self.shared.stats.waited(Moment::now().since(begin));
        }
        granted
    }

    /// The pool at this moment.
    #[must_use]
    pub fn snapshot(&self) -> PoolSnapshot {
        self.shared.snapshot()
    }

    /// A pool of sqlx itself, for a library that takes nothing else: the address, bounds and times in force now.
    ///
    /// It does not follow the file, and its connections count besides those of this pool, chaos and metrics do not
    /// reach them, and nobody closes them at the end but who asked for it. Whoever writes the queries passes
    /// `&mut *connection` of [`Self::acquire`] instead, which is sqlx's own connection and taken wherever sqlx takes an
    /// executor. `&Pool` itself is no executor: that trait has other methods in a build with sqlx's macros.
    ///
    /// ```no_run
    /// # fn sessions(_: sqlx::PgPool) {}
    /// # fn run(ops: &ops_layer::Ops) -> Result<(), ops_layer::pool::PoolError> {
    /// let pool = ops.pool::<sqlx::Postgres>("main")?;
    /// sessions(pool.to_sqlx()?); // another's code
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PoolError::Closed`] when this pool is.
    pub fn to_sqlx(&self) -> Result<sqlx::Pool<DB>, PoolError> {
        let state = self.shared.lock();
        let (Some(bounds), Some(target)) = (state.ledger.bounds(), state.target.clone()) else {
            return Err(self.closed());
        };
        let acquire = state.times.acquire;
        drop(state);
        let options = PoolOptions::new()
            .min_connections(bounds.min)
            .max_connections(bounds.max)
            .acquire_timeout(acquire)
            .idle_timeout(bounds.idle_timeout)
            .max_lifetime(bounds.max_lifetime);
        // It begins tasks, for which it needs a runtime.
        let _inside = self.shared.runtime().enter();
        Ok(options.connect_lazy_with(target.options().clone()))
    }

    fn closed(&self) -> PoolError {
        PoolError::Closed { pool: self.name().clone() }
    }

    fn timed_out(&self, begin: Moment) -> PoolError {
        let waited = Moment::now().since(begin);
        self.shared.stats.timed_out(waited);
        PoolError::Timeout { pool: self.name().clone(), waited, cause: self.shared.lock().cause.clone() }
    }

    /// Waits until nothing is open any more, after the pool was closed.
    pub(super) async fn drained(&self) {
        loop {
            let closed = self.shared.closed.notified();
            if self.shared.lock().ledger.total() == 0 {
                return;
            }
            closed.await;
        }
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a, DB: Driver> {
    shared: &'a Shared<DB>,
    turn: u64,
}

impl<DB: Driver> Drop for Place<'_, DB> {
    fn drop(&mut self) {
        self.shared.leave(self.turn);
    }
}

impl<DB: Driver> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), current_trace: self.current_trace }
    }
}

impl<DB: Driver> fmt::Debug for Pool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", self.name()).finish_non_exhaustive()
    }
}
