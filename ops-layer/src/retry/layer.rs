//! A retry as a tower layer.

use super::{
    again::{Copied, Streamed},
    classify::{Configured, Own},
    handle::Retry,
    service::RetryService,
};
use http::Response;
use tower::Layer;

/// Puts a [`Retry`] around a client of `http` requests.
///
/// The client is cloned for each call that may be repeated, and must be able to take several at once; what stands
/// around it and refuses, such as a breaker, belongs inside.
#[derive(Clone, Debug)]
pub struct RetryLayer<C = Configured, A = Copied> {
    retry: Retry,
    classify: C,
    again: A,
}

impl RetryLayer {
    pub(super) const fn new(retry: Retry) -> Self {
        Self { retry, classify: Configured, again: Copied }
    }
}

impl<C, A> RetryLayer<C, A> {
    /// Judges results by one's own lights instead of `statuses` and `grpc_statuses`: true is worth another attempt.
    /// An attempt that takes longer than `attempt_timeout` always is, and `Retry-After` is kept to all the same.
    #[must_use]
    pub fn classify<R, E, F>(self, is_transient: F) -> RetryLayer<Own<F>, A>
    where
        F: Fn(Result<&Response<R>, &E>) -> bool,
    {
        RetryLayer { retry: self.retry, classify: Own(is_transient), again: self.again }
    }

    /// For request bodies that cannot be cloned, such as `axum::body::Body`: see [`Streamed`].
    #[must_use]
    pub fn streamed(self) -> RetryLayer<C, Streamed> {
        RetryLayer { retry: self.retry, classify: self.classify, again: Streamed }
    }
}

impl<S, C: Clone, A: Clone> Layer<S> for RetryLayer<C, A> {
    type Service = RetryService<S, C, A>;

    fn layer(&self, inner: S) -> Self::Service {
        RetryService { inner, retry: self.retry.clone(), classify: self.classify.clone(), again: self.again.clone() }
    }
}
