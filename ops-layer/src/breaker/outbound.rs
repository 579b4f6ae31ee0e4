//! A breaker around any tower service, such as a client.

use super::handle::{CircuitBreaker, CircuitBreakerError, JudgedFuture};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// Puts a [`CircuitBreaker`] around a service of any request type.
#[derive(Clone, Debug)]
pub struct OutboundLayer {
    breaker: CircuitBreaker,
}

impl OutboundLayer {
    pub(super) const fn new(breaker: CircuitBreaker) -> Self {
        Self { breaker }
    }
}

impl<S> Layer<S> for OutboundLayer {
    type Service = OutboundService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OutboundService { breaker: self.breaker.clone(), inner }
    }
}

/// A service with a [`CircuitBreaker`] around it.
#[derive(Clone, Debug)]
pub struct OutboundService<S> {
    breaker: CircuitBreaker,
    inner: S,
}

impl<S, Request> Service<Request> for OutboundService<S>
where
    S: Service<Request>,
{
    type Response = S::Response;
    type Error = CircuitBreakerError<S::Error>;
    type Future = OutboundFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // The circuit is asked for each call: one that is ready now may be called much later.
        self.inner.poll_ready(cx).map_err(CircuitBreakerError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.breaker.admit() {
            Ok(Some(mut trial)) => {
                let inner = trial.inside(|| self.inner.call(request));
                OutboundFuture::called(JudgedFuture { inner, trial: Some(trial) })
            }
            Ok(None) => OutboundFuture::called(JudgedFuture { inner: self.inner.call(request), trial: None }),
            Err(error) => OutboundFuture { state: State::Refused { error: Some(error) } },
        }
    }
}

pin_project! {
    /// The response of an [`OutboundService`].
    #[derive(Debug)]
    pub struct OutboundFuture<F, E> {
        #[pin]
        state: State<F, E>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F, E> {
        Called { #[pin] call: JudgedFuture<F> },
        Refused { error: Option<CircuitBreakerError<E>> },
    }
}

impl<F, E> OutboundFuture<F, E> {
    const fn called(call: JudgedFuture<F>) -> Self {
        Self { state: State::Called { call } }
    }
}

impl<F, T, E> Future for OutboundFuture<F, E>
where
    F: Future<Output = Result<T, E>>,
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
