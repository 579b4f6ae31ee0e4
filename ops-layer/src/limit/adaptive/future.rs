//! A response that is measured and carries its place on.

use super::learned::Place;
use crate::{
    call::Held,
    clock::Moment,
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
    R: Body,
{
    type Output = Result<Response<Held<R, Place>>, Fault<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Called { response, place } => {
                let result = ready!(response.poll(cx));
                let mut place = place.take();
                if let Some(place) = &mut place {
                    match &result {
                        Ok(response) => place.settle(!response.status().is_server_error(), Moment::now()),
                        Err(Fault::Inner(_)) => place.settle(false, Moment::now()),
                        // Ours, and no work of the service: an open circuit answers at once.
                        Err(Fault::Refused(_)) => place.ignore(),
                    }
                }
                // With an error there is no body: the place is free again.
                Poll::Ready(result.map(|response| response.map(|body| Held::new(body, place))))
            }
            // Polled again after its end, as no future should be: it stays pending.
            StateProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Err(Fault::Refused(refusal))),
                None => Poll::Pending,
            },
        }
    }
}
