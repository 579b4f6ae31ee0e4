//! The answer to a call, within the call's span.

use super::{scope::within, ClientBody, ClientScope};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// Polls, and drops, the client's future within the span of the call.
    #[derive(Debug)]
    pub struct ClientFuture<F> {
        #[pin]
        inner: Option<F>,
        scope: Option<ClientScope>,
    }

    impl<F> PinnedDrop for ClientFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            within(this.scope.as_mut(), || this.inner.set(None));
        }
    }
}

impl<F> ClientFuture<F> {
    pub(super) const fn new(inner: F, scope: Option<ClientScope>) -> Self {
        Self { inner: Some(inner), scope }
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<ClientBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // There until the answer is; whoever polls after that waits for ever.
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Pending };
        let result = ready!(within(this.scope.as_mut(), || inner.poll(cx)));
        within(this.scope.as_mut(), || this.inner.set(None));
        let mut scope = this.scope.take();
        if let Some(scope) = &mut scope {
            match &result {
                Ok(response) => scope.answer(response.status(), response.version()),
                // The convention's word where the kind of a failure is not known.
                Err(_) => scope.fail("_OTHER"),
            }
        }
        Poll::Ready(result.map(|response| response.map(|body| ClientBody::new(body, scope))))
    }
}
