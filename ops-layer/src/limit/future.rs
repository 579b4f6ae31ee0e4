//! A response that carries its permit on.

use super::gate::Permit;
use crate::{
    call::Held,
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
    /// The response of a [`LimitService`](super::LimitService).
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
        Called { #[pin] response: F, permit: Option<Permit> },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn admitted(response: F, permit: Option<Permit>) -> Self {
        Self { state: State::Called { response, permit } }
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
    type Output = Result<Response<Held<R, Permit>>, Fault<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Called { response, permit } => {
                let result = ready!(response.poll(cx));
                let permit = permit.take();
                // With an error there is no body: the permit ends here.
                Poll::Ready(result.map(|response| response.map(|body| Held::new(body, permit))))
            }
            // Polled again after its end, as no future should be: it stays pending.
            StateProjection::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Err(Fault::Refused(refusal))),
                None => Poll::Pending,
            },
        }
    }
}
