//! A call on its way through a fault.

use super::{
    delay::Delay,
    experiment::{Chaos, NetworkFault},
};
use crate::refusal::{Fault, Refusal};
use http::Response;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tower::Service;

pin_project! {
    /// The response of a [`ChaosService`](super::ChaosService).
    pub struct ResponseFuture<S, F, C> {
        #[pin]
        state: State<S, F, C>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, C> {
        // Boxed: only a struck call pays for it, and the future of all others stays small.
        Delayed { delay: Pin<Box<Delay>>, call: Option<Box<(S, C)>> },
        Called { #[pin] response: F },
        Failed { fault: Option<NetworkFault> },
    }
}

impl<S, F, C> ResponseFuture<S, F, C> {
    pub(super) const fn called(response: F) -> Self {
        Self { state: State::Called { response } }
    }

    pub(super) fn failed(fault: NetworkFault, chaos: &Chaos) -> Self {
        chaos.count(fault);
        Self { state: State::Failed { fault: Some(fault) } }
    }

    pub(super) fn delayed(delay: Delay, ready: S, call: C) -> Self {
        Self { state: State::Delayed { delay: Box::pin(delay), call: Some(Box::new((ready, call))) } }
    }
}

impl<S, C, R, E> Future for ResponseFuture<S, S::Future, C>
where
    S: Service<C, Response = Response<R>, Error = Fault<E>>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Called { response } => return response.poll(cx),
                // Polled again after its end, as no future should be: it stays pending.
                StateProjection::Failed { fault } => {
                    return fault.take().map_or(Poll::Pending, |fault| Poll::Ready(Err(Fault::Refused(refusal(fault)))))
                }
                StateProjection::Delayed { delay, call } => match (ready!(delay.as_mut().poll(cx)), call.take()) {
                    (None, Some(call)) => {
                        let (mut service, call) = *call;
                        State::Called { response: service.call(call) }
                    }
                    (fault, _) => State::Failed { fault },
                },
            };
            state.set(next);
        }
    }
}

const fn refusal(fault: NetworkFault) -> Refusal {
    match fault {
        NetworkFault::Partition => Refusal::Partitioned,
        NetworkFault::Latency | NetworkFault::Drop => Refusal::Dropped,
    }
}

impl<S, F, C> fmt::Debug for ResponseFuture<S, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Delayed { .. } => "delayed",
            State::Called { .. } => "called",
            State::Failed { .. } => "failed",
        };
        f.debug_tuple("ResponseFuture").field(&state).finish()
    }
}
