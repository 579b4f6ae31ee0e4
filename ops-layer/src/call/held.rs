//! A response body that holds something until it ends.

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// A body that holds a guard until its last frame was taken, it failed, or it was dropped.
    ///
    /// A permit freed when the headers are ready would let a slow download through for
    /// nothing; this is where it stays instead.
    #[derive(Debug)]
    pub struct Held<B, G> {
        #[pin]
        body: B,
        guard: Option<G>,
    }
}

impl<B: Body, G> Held<B, G> {
    /// A body with its guard. One that has ended already gives the guard back at once.
    pub fn new(body: B, guard: Option<G>) -> Self {
        let guard = guard.filter(|_| !body.is_end_stream());
        Self { body, guard }
    }
}

impl<B: Body, G> Body for Held<B, G> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        // hyper does not ask again after a frame that `is_end_stream` says was the last.
        if !matches!(frame, Some(Ok(_))) || this.body.is_end_stream() {
            *this.guard = None;
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
