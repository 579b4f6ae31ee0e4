//! A response body that is made in the trace of its request.

use super::server::ServerScope;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// A body whose frames are made in the trace of its request; the request's span ends with it.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        #[pin]
        body: Option<B>,
        scope: Option<ServerScope>,
    }

    impl<B> PinnedDrop for TracedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(scope) = this.scope {
                scope.run(|| this.body.set(None));
            }
        }
    }
}

impl<B: Body> TracedBody<B> {
    pub(super) fn new(body: B, scope: Option<ServerScope>) -> Self {
        let Some(mut scope) = scope else { return Self { body: Some(body), scope: None } };
        if !body.is_end_stream() {
            return Self { body: Some(body), scope: Some(scope) };
        }
        // The span of a response without a body ends now, not when the connection lets go of it.
        scope.complete();
        if body.size_hint().exact() == Some(0) {
            scope.run(|| drop(body));
            return Self { body: None, scope: None };
        }
        // It stands for a length that is not sent, as an answer to HEAD may, and that is still to be asked for.
        Self { body: Some(body), scope: Some(scope) }
    }
}

impl<B: Body> Body for TracedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let Some(scope) = this.scope.as_mut() else { return body.poll_frame(cx) };
        let frame = ready!(scope.run(|| body.as_mut().poll_frame(cx)));
        match &frame {
            // Nothing comes after trailers: who serves does not ask again, and not every body knows that it has ended.
            Some(Ok(part)) if !part.is_trailers() && !body.is_end_stream() => {
                scope.sent(part.data_ref().map_or(0, Buf::remaining));
                return Poll::Ready(frame);
            }
            Some(Err(_)) => scope.fail("body_error"),
            _ => scope.complete(),
        }
        // What the body drops is of the trace too, and the connection lets go of it when there is none.
        scope.run(|| this.body.set(None));
        *this.scope = None;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

#[cfg(test)]
mod tests;
