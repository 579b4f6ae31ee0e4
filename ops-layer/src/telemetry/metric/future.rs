//! The response of a measured request.

use super::{service::Measured, Route};
use crate::{call::Held, refusal::Fault};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// Notes how a request was answered, and measures on until its response has ended.
    #[derive(Debug)]
    pub struct MetricsFuture<F> {
        #[pin]
        inner: F,
        measured: Option<Measured>,
    }
}

impl<F> MetricsFuture<F> {
    pub(super) const fn new(inner: F, measured: Measured) -> Self {
        Self { inner, measured: Some(measured) }
    }
}

impl<F, R, E> Future for MetricsFuture<F>
where
    F: Future<Output = Result<Response<R>, Fault<E>>>,
    R: Body,
{
    type Output = Result<Response<Held<R, Measured>>, Fault<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let mut measured = this.measured.take();
        if let Some(Measured(recording)) = &mut measured {
            match &result {
                Ok(response) => {
                    recording.answered(response.status());
                    if let Some(route) = response.extensions().get::<Route>() {
                        recording.routed(route.name());
                    }
                }
                Err(Fault::Refused(refusal)) => recording.refused(refusal),
                Err(Fault::Inner(_)) => recording.failed(),
            }
        }
        Poll::Ready(result.map(|response| response.map(|body| Held::new(body, measured))))
    }
}
