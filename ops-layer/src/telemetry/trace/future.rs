//! The response of a request in its trace.

use super::{server::ServerScope, TracedBody};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// Polls, and drops, the inner future in its trace.
    #[derive(Debug)]
    pub struct TraceFuture<F> {
        #[pin]
        inner: Option<F>,
        scope: Option<ServerScope>,
    }

    impl<F> PinnedDrop for TraceFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // A cancelled request logs from its destructors; those lines belong to the trace too.
            if let Some(scope) = this.scope {
                scope.run(|| this.inner.set(None));
            }
        }
    }
}

impl<F> TraceFuture<F> {
    pub(super) const fn new(inner: F, scope: ServerScope) -> Self {
        Self { inner: Some(inner), scope: Some(scope) }
    }
}

impl<F, R, E> Future for TraceFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<TracedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Both are there until the response is; whoever polls after that waits for ever.
        let (Some(inner), Some(scope)) = (this.inner.as_mut().as_pin_mut(), this.scope.as_mut()) else {
            return Poll::Pending;
        };
        let result = ready!(scope.run(|| inner.poll(cx)));
        scope.run(|| this.inner.set(None));
        match &result {
            Ok(response) => scope.answer(response),
            Err(_) => scope.fail("service_error"),
        }
        let scope = this.scope.take();
        Poll::Ready(result.map(|response| response.map(|body| TracedBody::new(body, scope))))
    }
}
