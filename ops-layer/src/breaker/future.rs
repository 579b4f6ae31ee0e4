//! A response on its way, and the verdict it brings.

use super::trial::{Trial, Verdict};
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
    /// The response of a [`BreakerService`](super::BreakerService).
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
        Called { #[pin] response: F, trial: Option<Trial> },
        Refused { refusal: Option<Refusal> },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn judged(response: F, trial: Trial) -> Self {
        Self { state: State::Called { response, trial: Some(trial) } }
    }

    pub(super) const fn passed(response: F) -> Self {
        Self { state: State::Called { response, trial: None } }
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
            StateProjection::Called { response, trial } => {
                let result = match trial {
                    Some(trial) => ready!(trial.inside(|| response.poll(cx))),
                    None => ready!(response.poll(cx)),
                };
                if let Some(trial) = trial.take() {
                    let verdict = verdict(&trial, &result);
                    trial.settle(verdict, Moment::now);
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

/// What a result says of the service. The head decides; what happens to the body is not judged.
fn verdict<R, E>(trial: &Trial, result: &Result<Response<R>, Fault<E>>) -> Verdict {
    match result {
        Ok(response) if trial.is_failed(response) => Verdict::Failure,
        Ok(_) => Verdict::Success,
        // Chaos stands below the breaker, so that the defence meets the injected fault.
        Err(Fault::Inner(_) | Fault::Refused(Refusal::Partitioned | Refusal::Dropped | Refusal::Timeout)) => {
            Verdict::Failure
        }
        // Refusals of our own say nothing of the service. Counted, they would keep a circuit open for ever.
        Err(Fault::Refused(Refusal::CircuitOpen { .. } | Refusal::Overloaded | Refusal::RateLimited { .. })) => {
            Verdict::Ignored
        }
    }
}
