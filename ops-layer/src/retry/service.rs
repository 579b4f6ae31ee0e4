//! A client with a retry around it.

use super::{
    again::{Again, Copied},
    classify::{Classify, Configured, Repeatable},
    error::RetryError,
    future::{Course, RetryFuture},
    handle::Retry,
};
use crate::call::Attempt;
use http::{Request, Response};
use std::{
    mem,
    task::{Context, Poll},
};
use tower::Service;

/// A client with a [`Retry`] around it.
#[derive(Clone, Debug)]
pub struct RetryService<S, C = Configured, A = Copied> {
    pub(super) inner: S,
    pub(super) retry: Retry,
    pub(super) classify: C,
    pub(super) again: A,
}

impl<S, B, R, C, A> Service<Request<B>> for RetryService<S, C, A>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    C: Classify<R, S::Error> + Clone,
    A: Again<B> + Clone,
{
    type Response = Response<R>;
    type Error = RetryError<S::Error>;
    type Future = RetryFuture<S, B, C, A>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(RetryError::Inner)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Of two retries around one call the outer one decides: attempts of attempts multiply.
        if request.extensions().get::<Attempt>().is_some() {
            return RetryFuture::once(self.inner.call(request));
        }
        let Some(series) = self.retry.begin() else { return RetryFuture::once(self.inner.call(request)) };
        let is_marked = request.extensions().get::<Repeatable>().is_some();
        if !is_marked && !series.policy().repeats(request.method()) {
            return RetryFuture::once(self.inner.call(request));
        }
        let (parts, body) = request.into_parts();
        let kept = if series.is_last() { None } else { self.again.again(&body) };
        if kept.is_none() && !series.is_last() {
            return RetryFuture::once(self.inner.call(Request::from_parts(parts, body)));
        }
        // The one that was polled ready is the one to call; what stays behind has still to be polled.
        let unpolled = self.inner.clone();
        let ready = mem::replace(&mut self.inner, unpolled);
        let course = Course {
            service: ready,
            kept: kept.map(|body| (parts.clone(), body)),
            series,
            classify: self.classify.clone(),
            again: self.again.clone(),
        };
        RetryFuture::begin(course, Request::from_parts(parts, body))
    }
}
