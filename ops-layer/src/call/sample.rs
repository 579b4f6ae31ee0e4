//! Calls for tests, and the services they meet.

use super::{Call, Pinned};
use crate::{clock::Moment, refusal::Fault};
use http::{Request, Response};
use ops_config::{
    check::check,
    live::Generation,
    source::{Sources, Texts},
};
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use tokio::{sync::oneshot, time::timeout};
use tower::Service;

/// A generation of the smallest configuration with this plan.
pub(crate) fn pinned<P>(plan: P) -> Pinned<P> {
    let texts = Texts::from_bytes("ops.toml", b"version = 1".to_vec()).expect("a text");
    let checked = check(&Sources::from_file("ops.toml"), &texts).expect("a configuration");
    Arc::new(Generation { seq: 1, loaded_at: SystemTime::now(), checked: Arc::new(checked), plan })
}

/// A request for a path that comes in now.
pub(crate) fn call<P>(pinned: &Pinned<P>, path: &str) -> Call<P, ()> {
    let request = Request::get(path).body(()).expect("a request");
    Call { request, pinned: Arc::clone(pinned), started: Moment::now() }
}

/// What a service ends with.
pub(crate) type Answer<R> = Result<Response<R>, Fault<&'static str>>;

/// A service whose every call the test answers.
#[derive(Debug)]
pub(crate) struct Mock<R> {
    asked: Arc<Mutex<VecDeque<oneshot::Sender<Answer<R>>>>>,
}

impl<R> Mock<R> {
    pub(crate) fn new() -> Self {
        Self { asked: Arc::default() }
    }

    /// The next call that reached the service; none while there is no other.
    pub(crate) fn next(&self) -> Option<oneshot::Sender<Answer<R>>> {
        self.asked.lock().expect("a whole queue").pop_front()
    }

    /// Answers the next call.
    pub(crate) fn answer(&self, answer: Answer<R>) {
        let asked = self.next().expect("a call that reached the service");
        assert!(asked.send(answer).is_ok(), "the call is still under way");
    }
}

impl<R> Clone for Mock<R> {
    fn clone(&self) -> Self {
        Self { asked: Arc::clone(&self.asked) }
    }
}

impl<P, R> Service<Call<P, ()>> for Mock<R> {
    type Response = Response<R>;
    type Error = Fault<&'static str>;
    type Future = Answering<R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Call<P, ()>) -> Self::Future {
        let (sender, receiver) = oneshot::channel();
        self.asked.lock().expect("a whole queue").push_back(sender);
        Answering(Some(receiver))
    }
}

/// A call on its way; pending for ever if the test drops its end.
#[derive(Debug)]
pub(crate) struct Answering<R>(Option<oneshot::Receiver<Answer<R>>>);

impl<R> Future for Answering<R> {
    type Output = Answer<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.as_mut().map(|receiver| Pin::new(receiver).poll(cx)) {
            Some(Poll::Ready(Ok(answer))) => Poll::Ready(answer),
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(Err(_))) | None => {
                self.0 = None;
                Poll::Pending
            }
        }
    }
}

/// A response without a body.
pub(crate) fn status<R: Default>(status: u16) -> Response<R> {
    Response::builder().status(status).body(R::default()).expect("a response")
}

/// Polls a future once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// The end of a future on a paused clock; one that never ends fails the test instead of hanging it.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(1_000_000), future).await.expect("it ends")
}
