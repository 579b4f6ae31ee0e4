//! A response body with whose end a request has ended.

use super::record::Record;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// A body that notes what of it went out. Dropped before its end, the client went away.
    #[derive(Debug)]
    pub struct AccessBody<B> {
        #[pin]
        body: B,
        record: Option<Box<Record>>,
    }
}

impl<B: Body> AccessBody<B> {
    pub(super) fn new(body: B, mut record: Option<Box<Record>>) -> Self {
        if body.is_end_stream() {
            if let Some(mut record) = record.take() {
                record.complete();
            }
        }
        Self { body, record }
    }
}

impl<B: Body> Body for AccessBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        let Some(record) = this.record.as_mut() else { return Poll::Ready(frame) };
        match &frame {
            Some(Ok(part)) => record.sent(part.data_ref()),
            Some(Err(_)) => record.fail("body_error"),
            None => {}
        }
        // hyper does not ask again after trailers, nor after a frame that `is_end_stream` says was the last.
        if !matches!(&frame, Some(Ok(part)) if !part.is_trailers()) || this.body.is_end_stream() {
            record.complete();
            *this.record = None;
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
