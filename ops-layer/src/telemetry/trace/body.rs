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
        // The span of a response without a body ends now, not when the connection lets go of it.
        let ended = body.is_end_stream();
        let scope = scope.and_then(|mut scope| {
            if ended {
                scope.complete();
            }
            (!ended).then_some(scope)
        });
        Self { body: Some(body), scope }
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
