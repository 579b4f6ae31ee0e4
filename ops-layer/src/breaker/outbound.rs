//! A breaker around any tower service, such as a client.

use super::{
    classify::{ByResult, Classify},
    handle::{CircuitBreaker, CircuitBreakerError, JudgedFuture},
};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// Puts a [`CircuitBreaker`] around a service of any request type.
#[derive(Clone, Debug)]
pub struct OutboundLayer<C = ByResult> {
    breaker: CircuitBreaker,
    classify: C,
}

impl<C> OutboundLayer<C> {
    pub(super) const fn new(breaker: CircuitBreaker, classify: C) -> Self {
        Self { breaker, classify }
    }

    /// Judges results in another way, such as by a function from `&Result<Response, Error>` to a
    /// [`Verdict`](super::Verdict).
    #[must_use]
    pub fn classify<D>(self, classify: D) -> OutboundLayer<D> {
        OutboundLayer { breaker: self.breaker, classify }
    }
}

impl<S, C: Clone> Layer<S> for OutboundLayer<C> {
    type Service = OutboundService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        OutboundService { breaker: self.breaker.clone(), classify: self.classify.clone(), inner }
    }
}

/// A service with a [`CircuitBreaker`] around it.
#[derive(Clone, Debug)]
pub struct OutboundService<S, C = ByResult> {
    breaker: CircuitBreaker,
    classify: C,
    inner: S,
}

impl<S, C, Request> Service<Request> for OutboundService<S, C>
where
    S: Service<Request>,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = CircuitBreakerError<S::Error>;
    type Future = OutboundFuture<S::Future, S::Error, C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // The circuit is asked for each call: one that is ready now may be called much later.
        self.inner.poll_ready(cx).map_err(CircuitBreakerError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut trial = match self.breaker.admit() {
            Ok(trial) => trial,
            Err(error) => return OutboundFuture { state: State::Refused { error: Some(error) } },
        };
        let inner = match &mut trial {
            Some(trial) => trial.inside(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        OutboundFuture { state: State::Called { call: JudgedFuture { inner, trial, classify: self.classify.clone() } } }
    }
}

pin_project! {
    /// The response of an [`OutboundService`].
    #[derive(Debug)]
    pub struct OutboundFuture<F, E, C = ByResult> {
        #[pin]
        state: State<F, E, C>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F, E, C> {
        Called { #[pin] call: JudgedFuture<F, C> },
        Refused { error: Option<CircuitBreakerError<E>> },
    }
}

impl<F, T, E, C> Future for OutboundFuture<F, E, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, CircuitBreakerError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Called { call } => call.poll(cx),
            // Polled again after its end, as no future should be: it stays pending.
            StateProjection::Refused { error } => error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        }
    }
}
