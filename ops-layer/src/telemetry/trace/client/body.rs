//! The body of an answer, with which the call's span ends.

use super::ClientScope;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// The body of an answer. The span of the call ends with its last frame, or where it is let go of before:
    /// who does not want the rest of an answer has had it, and that is no error.
    #[derive(Debug)]
    pub struct ClientBody<B> {
        #[pin]
        body: B,
        scope: Option<ClientScope>,
    }
}

impl<B: Body> ClientBody<B> {
    pub(super) fn new(body: B, scope: Option<ClientScope>) -> Self {
        let scope = scope.filter(|_| !body.is_end_stream());
        Self { body, scope }
    }
}

impl<B: Body> Body for ClientBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        if let (Some(Err(_)), Some(scope)) = (&frame, this.scope.as_mut()) {
            scope.fail("body_error");
        }
        // Nobody asks again after a frame that `is_end_stream` says was the last.
        if !matches!(frame, Some(Ok(_))) || this.body.is_end_stream() {
            *this.scope = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
