//! A response that was let through, or the refusal in its place.

use crate::refusal::{Fault, Refusal};
use http::Response;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pin_project! {
    /// The response of a guard that holds nothing while the request is under way.
    #[derive(Debug)]
    pub struct Admission<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F> {
        Passed { #[pin] response: F },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> Admission<F> {
    pub(super) const fn passed(response: F) -> Self {
        Self { state: State::Passed { response } }
    }

    pub(super) const fn refused(refusal: Refusal) -> Self {
        Self { state: State::Refused { refusal: Some(refusal) } }
    }
}

impl<F, R, E> Future for Admission<F>
where
    F: Future<Output = Result<Response<R>, Fault<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Passed { response } => response.poll(cx),
            // Polled again after its end, as no future should be: it stays pending.
            StateProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Err(Fault::Refused(refusal))),
                None => Poll::Pending,
            },
        }
    }
}
