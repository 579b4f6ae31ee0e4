//! A response that is measured until it begins.

use super::learned::Place;
use crate::{
    clock::Moment,
    refusal::{Fault, Refusal},
};
use http::Response;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

pin_project! {
    /// The response of an [`AdaptiveService`](super::AdaptiveService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F> {
        Called { #[pin] response: F, place: Option<Place> },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn admitted(response: F, place: Option<Place>) -> Self {
        Self { state: State::Called { response, place } }
    }

    pub(super) const fn refused(refusal: Refusal) -> Self {
        Self { state: State::Refused { refusal: Some(refusal) } }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, Fault<E>>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Called { response, place } => {
                let result = ready!(response.poll(cx));
                // Here the place is given back: what is counted is what is measured. Kept to the end of the body, a few
                // streams that last would hold the whole limit, and who is refused tells nothing that could raise it.
                if let Some(mut place) = place.take() {
                    match &result {
                        Ok(response) => place.settle(!response.status().is_server_error(), Moment::now()),
                        Err(Fault::Inner(_)) => place.settle(false, Moment::now()),
                        // Ours, and no work of the service: an open circuit answers at once.
                        Err(Fault::Refused(_)) => place.ignore(),
                    }
                }
                Poll::Ready(result)
            }
            // Polled again after its end, as no future should be: it stays pending.
            StateProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Err(Fault::Refused(refusal))),
                None => Poll::Pending,
            },
        }
    }
}
