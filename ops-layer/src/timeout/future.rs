//! A response on its way, and the time it has left.

use super::{body::PacedBody, plan::Deadline};
use crate::{
    call::stall::Rest,
    refusal::{Fault, Refusal},
};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tokio::time::{sleep_until, Sleep};

pin_project! {
    /// The response of a [`TimeoutService`](super::TimeoutService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        // None once the time is up: what the call holds is free before the answer is written.
        #[pin]
        response: Option<F>,
        deadline: Option<Deadline>,
        rest: Option<Rest>,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(response: F, deadline: Option<Deadline>, rest: Option<Rest>) -> Self {
        Self { response: Some(response), deadline, rest, timer: None }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, Fault<E>>>,
    R: Body,
{
    type Output = Result<Response<PacedBody<R>>, Fault<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Polled again after its end, as no future should be: it stays pending.
        let Some(response) = this.response.as_mut().as_pin_mut() else { return Poll::Pending };
        // First the response: one that is ready at the last moment is not thrown away.
        if let Poll::Ready(result) = response.poll(cx) {
            let rest = this.rest.take();
            return Poll::Ready(result.map(|response| response.map(|body| PacedBody::new(body, rest))));
        }
        let Some(deadline) = this.deadline else { return Poll::Pending };
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(deadline.at.instant())));
        }
        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
            ready!(timer.poll(cx));
        }
        this.timer.set(None);
        deadline.timeouts.count(deadline.enforced);
        if deadline.enforced {
            this.response.set(None);
            return Poll::Ready(Err(Fault::Refused(Refusal::Timeout)));
        }
        *this.deadline = None;
        Poll::Pending
    }
}
