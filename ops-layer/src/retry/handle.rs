//! A retry for code.

use super::{classify::was_made, error::RetryError, layer::RetryLayer, series::Series, set::InForce};
use crate::clock::Moment;
use ops_config::value::Name;
use std::{error::Error, future::Future, sync::Arc};
use tokio::time::{sleep, timeout};

/// A retry by name, for calls made in code. Cheap to clone; follows every reload.
///
/// Calls are judged by the settings in force when they begin. If the file no longer has the retry, every call is
/// made once.
///
/// ```no_run
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use ops_layer::Ops;
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// # async fn run(ops: &Ops) -> Result<(), Box<dyn std::error::Error>> {
/// let mut payments = ServiceBuilder::new()
///     .layer(ops.retry("payments")?.layer()) // each attempt is asked of the breaker
///     .layer(ops.breaker("payments")?.layer()) // and has a span of its own
///     .layer(ops.client_layer())
///     .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());
/// let request = http::Request::put("http://payments.internal/orders/7").body(Full::from("paid"))?;
/// let response = payments.ready().await?.call(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Retry {
    name: Name,
    in_force: Arc<InForce>,
}

impl Retry {
    pub(super) const fn new(name: Name, in_force: Arc<InForce>) -> Self {
        Self { name, in_force }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Makes a call, and makes it again while it fails, as often as the settings and the budget allow. Each error is
    /// worth another attempt, except where a guard of ours did not make the call, such as an open breaker.
    ///
    /// `make` begins one attempt; whether the call may be made twice is for the caller to know. `methods`, `statuses`
    /// and `grpc_statuses` do not matter here.
    ///
    /// ```no_run
    /// # async fn ask(_: u32) -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # async fn run(ops: &ops_layer::Ops) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = ops.retry("directory")?.call(|| ask(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the last attempt failed with.
    pub async fn call<M, F, T, E>(&self, make: M) -> Result<T, RetryError<E>>
    where
        M: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
        E: Error + 'static,
    {
        self.call_if(make, |result| result.as_ref().is_err_and(|error| was_made(*error))).await
    }

    /// As [`Self::call`], with results judged by `is_transient`: true is worth another attempt. An attempt that takes
    /// longer than `attempt_timeout` always is.
    ///
    /// # Errors
    /// What the last attempt failed with.
    pub async fn call_if<M, F, T, E, C>(&self, mut make: M, is_transient: C) -> Result<T, RetryError<E>>
    where
        M: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
        C: Fn(Result<&T, &E>) -> bool,
    {
        let Some(mut series) = self.begin() else { return make().await.map_err(RetryError::Inner) };
        loop {
            let result = match series.attempt_timeout() {
                None => make().await.map_err(RetryError::Inner),
                Some(after) => match timeout(after, make()).await {
                    Ok(result) => result.map_err(RetryError::Inner),
                    Err(_) => Err(RetryError::TimedOut { after }),
                },
            };
            let now = Moment::now();
            let transient = match &result {
                Ok(value) => is_transient(Ok(value)),
                Err(RetryError::Inner(error)) => is_transient(Err(error)),
                Err(RetryError::TimedOut { .. }) => true,
            };
            let transient = transient || series.was_overdue(now);
            let Some(pause) = series.end(transient, None, now, fastrand::f64()) else { return result };
            drop(result);
            sleep(pause).await;
        }
    }

    /// The retry as a tower layer around a client of `http` requests.
    #[must_use]
    pub fn layer(&self) -> RetryLayer {
        RetryLayer::new(self.clone())
    }

    /// The attempts of a call that begins now; none where it is simply made once.
    pub(super) fn begin(&self) -> Option<Series> {
        Series::begin(self.in_force.load_full()?, Moment::now())
    }
}
