//! A breaker for code: calls that are not requests of the stack.

use super::{
    change::Changes,
    classify::{ByResponse, ByResult, Classify},
    outbound::OutboundLayer,
    set::InForce,
    snapshot::{CircuitSnapshot, Forced, UnknownBreaker},
    trial::{Trial, Verdict},
    word::CircuitState,
};
use crate::{
    clock::Moment,
    refusal::{NotMade, Refusal},
};
use ops_config::value::Name;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{ready, Context, Poll},
    time::Duration,
};

/// A circuit breaker by name, for calls made in code. Cheap to clone; follows every reload.
///
/// Calls are judged by the settings in force when they begin. If the file no longer has the
/// breaker, every call passes.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    name: Name,
    in_force: Arc<InForce>,
}

impl CircuitBreaker {
    pub(super) const fn new(name: Name, in_force: Arc<InForce>) -> Self {
        Self { name, in_force }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// The numbers of its circuit; none while the file has no such breaker.
    #[must_use]
    pub fn snapshot(&self) -> Option<CircuitSnapshot> {
        self.in_force.load().as_ref().map(|breaker| breaker.snapshot(Moment::now()))
    }

    /// Every change of state from now on; none while the file has no such breaker.
    #[must_use]
    pub fn changes(&self) -> Option<Changes> {
        self.in_force.load().as_ref().map(|breaker| breaker.circuit().changes())
    }

    /// Holds the circuit open or closed, as [`Circuits::force`](super::Circuits::force) does.
    ///
    /// # Errors
    /// When the file no longer has this breaker.
    pub fn force(&self, forced: Forced, lasting: Option<Duration>) -> Result<CircuitSnapshot, UnknownBreaker> {
        let breaker = self.in_force.load_full().ok_or_else(|| UnknownBreaker(self.name.to_string()))?;
        let now = Moment::now();
        breaker.circuit().force(forced, lasting, now);
        Ok(breaker.snapshot(now))
    }

    /// The state of its circuit, whatever it is forced to.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        self.in_force.load().as_ref().map_or(CircuitState::Closed, |breaker| breaker.circuit().state())
    }

    /// Makes the call unless the circuit is open. An `Err` is a failure; a call that is
    /// dropped before it ends is none.
    ///
    /// # Errors
    /// When the circuit is open, or half-open with all its trials under way; then `future` is
    /// never polled. Otherwise what the call fails with.
    pub async fn call<F, T, E>(&self, future: F) -> Result<T, CircuitBreakerError<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.call_by(future, ByResult).await
    }

    /// As [`Self::call`], judged by a function: an `Err` may be none of the dependency's fault, an `Ok` may be.
    ///
    /// ```
    /// use ops_layer::breaker::{CircuitBreaker, CircuitBreakerError, Verdict};
    /// use std::io;
    ///
    /// async fn read(breaker: &CircuitBreaker) -> Result<u32, CircuitBreakerError<io::Error>> {
    ///     let call = async { Err(io::Error::from(io::ErrorKind::NotFound)) };
    ///     breaker
    ///         .call_with(call, |result| match result {
    ///             Err(error) if error.kind() == io::ErrorKind::NotFound => Verdict::Ignored,
    ///             Err(_) => Verdict::Failure,
    ///             Ok(_) => Verdict::Success,
    ///         })
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_with<F, T, E, J>(&self, future: F, judge: J) -> Result<T, CircuitBreakerError<E>>
    where
        F: Future<Output = Result<T, E>>,
        J: Fn(&Result<T, E>) -> Verdict,
    {
        self.call_by(future, judge).await
    }

    async fn call_by<F, T, E, C>(&self, future: F, classify: C) -> Result<T, CircuitBreakerError<E>>
    where
        F: Future<Output = Result<T, E>>,
        C: Classify<T, E>,
    {
        let trial = self.admit()?;
        JudgedFuture { inner: future, trial, classify }.await
    }

    /// The breaker as an ordinary tower layer, for clients of any request type. An `Err` of the
    /// service is a failure; a response of any kind is a success. [`OutboundLayer::classify`] judges otherwise.
    #[must_use]
    pub fn layer(&self) -> OutboundLayer {
        OutboundLayer::new(self.clone(), ByResult)
    }

    /// The breaker as a tower layer for clients of HTTP and gRPC: an `Err` is a failure, and so is a response that
    /// `failure_statuses` or `failure_grpc_statuses` of the breaker name.
    #[must_use]
    pub fn http_layer(&self) -> OutboundLayer<ByResponse> {
        OutboundLayer::new(self.clone(), ByResponse)
    }

    pub(super) fn admit<E>(&self) -> Result<Option<Trial>, CircuitBreakerError<E>> {
        let Some(breaker) = self.in_force.load_full() else { return Ok(None) };
        breaker.admit_call().map_err(|refusal| self.opened(&refusal))
    }

    #[cold]
    fn opened<E>(&self, refusal: &Refusal) -> CircuitBreakerError<E> {
        CircuitBreakerError::Open { breaker: self.name.clone(), retry_after: refusal.retry_after() }
    }
}

/// Why a call through a [`CircuitBreaker`] gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CircuitBreakerError<E> {
    /// The circuit is open; the call was not made.
    Open {
        /// The breaker's name.
        breaker: Name,
        /// When the next trial may be made; none while all trials are under way.
        retry_after: Option<Duration>,
    },
    /// The call was made, and failed.
    Inner(E),
}

impl<E> fmt::Display for CircuitBreakerError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { breaker, .. } => write!(f, "circuit breaker {breaker} is open"),
            Self::Inner(_) => f.write_str("the call failed"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for CircuitBreakerError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open { .. } => Some(&NotMade),
            Self::Inner(error) => Some(error),
        }
    }
}

pin_project! {
    /// A call, judged by its result.
    #[derive(Debug)]
    pub(super) struct JudgedFuture<F, C> {
        #[pin]
        pub(super) inner: F,
        pub(super) trial: Option<Trial>,
        pub(super) classify: C,
    }
}

impl<F, C, T, E> Future for JudgedFuture<F, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, CircuitBreakerError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = match this.trial {
            Some(trial) => ready!(trial.inside(|| this.inner.poll(cx))),
            None => ready!(this.inner.poll(cx)),
        };
        if let Some(trial) = this.trial.take() {
            let verdict = this.classify.classify(&result, &trial);
            trial.settle(verdict, Moment::now);
        }
        Poll::Ready(result.map_err(CircuitBreakerError::Inner))
    }
}
