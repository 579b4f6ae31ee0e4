//! The innermost service: the user's own, seen from the stack.

use crate::{call::Call, refusal::Fault};
use http::Request;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tower::Service;

/// Hands the user's service its request, and marks its errors as its own.
#[derive(Clone, Debug)]
pub struct Innermost<S>(S);

impl<S> Innermost<S> {
    /// The user's service.
    pub const fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S, P, B> Service<Call<P, B>> for Innermost<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = Fault<S::Error>;
    type Future = InnermostFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Fault::Inner)
    }

    fn call(&mut self, call: Call<P, B>) -> Self::Future {
        InnermostFuture { inner: self.0.call(call.request) }
    }
}

pin_project! {
    /// The user's future.
    #[derive(Debug)]
    pub struct InnermostFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, T, E> Future for InnermostFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, Fault<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().inner.poll(cx).map_err(Fault::Inner)
    }
}
