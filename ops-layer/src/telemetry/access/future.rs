//! The response of a request that may get a line.

use super::{
    record::{Record, SERVICE_ERROR},
    AccessBody,
};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// Notes how a request was answered. Dropped before that, the request was cancelled.
    #[derive(Debug)]
    pub struct AccessFuture<F> {
        #[pin]
        inner: F,
        record: Option<Box<Record>>,
    }
}

impl<F> AccessFuture<F> {
    pub(super) const fn new(inner: F, record: Option<Box<Record>>) -> Self {
        Self { inner, record }
    }
}

impl<F, R, E> Future for AccessFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<AccessBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let mut record = this.record.take();
        if let Some(record) = &mut record {
            match &result {
                Ok(response) => record.answer(response),
                Err(_) => record.fail(SERVICE_ERROR),
            }
        }
        Poll::Ready(result.map(|response| response.map(|body| AccessBody::new(body, record))))
    }
}
