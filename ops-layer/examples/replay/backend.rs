//! What the breaker stands in front of: a service that ends each call as it is told to.

use futures_util::{
    future::{pending, BoxFuture},
    FutureExt,
};
use ops_layer::breaker::{CircuitBreaker, Verdict};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::oneshot;
use tower::{Layer, Service, ServiceExt};

/// How the service ends a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Success,
    Failure,
    /// With an error that says nothing of the service.
    Ignored,
}

/// A call through the breaker, under way. To drop it is to cancel it.
pub(super) struct Call {
    /// Ready as soon as the breaker's layer has an answer; whether it refused the call.
    answer: Pin<Box<dyn Future<Output = bool>>>,
    end: oneshot::Sender<End>,
}

impl Call {
    /// Makes a call as a client does; none when the breaker refuses it.
    pub(super) fn begin(breaker: &CircuitBreaker) -> Option<Self> {
        let (end, ended) = oneshot::channel();
        let answer = breaker.layer().classify(verdict).layer(Backend).oneshot(ended);
        let mut call = Self { answer: Box::pin(answer.map(|answer| answer.is_err())), end };
        (!call.has_ended()).then_some(call)
    }

    /// Gives it a turn, as a runtime does; whether it has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        self.answer.as_mut().now_or_never().is_some()
    }

    /// Lets the service end it, and the breaker hand that on.
    pub(super) fn end(mut self, end: End) {
        // None listens where the breaker has ended it by itself.
        let _ = self.end.send(end);
        let _ = self.answer.as_mut().now_or_never();
    }
}

/// The service.
struct Backend;

/// The service's error.
enum Failed {
    ByItself,
    ByItsCaller,
}

fn verdict(result: &Result<(), Failed>) -> Verdict {
    match result {
        Ok(()) => Verdict::Success,
        Err(Failed::ByItself) => Verdict::Failure,
        Err(Failed::ByItsCaller) => Verdict::Ignored,
    }
}

impl Service<oneshot::Receiver<End>> for Backend {
    type Response = ();
    type Error = Failed;
    type Future = BoxFuture<'static, Result<(), Failed>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, ended: oneshot::Receiver<End>) -> Self::Future {
        Box::pin(async {
            match ended.await {
                Ok(End::Success) => Ok(()),
                Ok(End::Failure) => Err(Failed::ByItself),
                Ok(End::Ignored) => Err(Failed::ByItsCaller),
                // Nobody is left who could end it.
                Err(_) => pending().await,
            }
        })
    }
}
