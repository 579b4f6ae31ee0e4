//! A client whose answers a test writes down ahead.

use crate::call::Attempt;
use bytes::Bytes;
use http::{Request, Response};
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tower::Service;

/// One answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// A response with this status, and a header if it has a name.
    Status(u16, &'static str, &'static str),
    Error(&'static str),
    /// None, ever.
    Never,
}

pub(super) fn status(status: u16) -> Answer {
    Answer::Status(status, "", "")
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub(super) enum Failed {
    #[error("{0}")]
    Plain(&'static str),
    #[error("the circuit is open")]
    Open(#[source] crate::refusal::NotMade),
}

/// Which attempt a request said it was, and its body.
type Seen = (Option<Attempt>, Bytes);

/// Answers in turn. Called without having been polled ready it panics, and a clone has not been.
#[derive(Debug)]
pub(super) struct Client {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    is_ready: bool,
}

impl Client {
    pub(super) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), seen: Arc::default(), is_ready: false }
    }

    /// The attempts that came in.
    pub(super) fn attempts(&self) -> Vec<u32> {
        self.seen.lock().expect("whole").iter().map(|(attempt, _)| attempt.map_or(0, |Attempt(n)| n)).collect()
    }

    pub(super) fn bodies(&self) -> Vec<Bytes> {
        self.seen.lock().expect("whole").iter().map(|(_, body)| body.clone()).collect()
    }
}

impl Clone for Client {
    fn clone(&self) -> Self {
        Self { answers: Arc::clone(&self.answers), seen: Arc::clone(&self.seen), is_ready: false }
    }
}

impl<B: Into<Bytes>> Service<Request<B>> for Client {
    type Response = Response<()>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Response<()>, Failed>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "it was not polled ready");
        let attempt = request.extensions().get().copied();
        self.seen.lock().expect("whole").push((attempt, request.into_body().into()));
        let answer = self.answers.lock().expect("whole").pop_front().expect("an answer is left");
        Box::pin(async move {
            match answer {
                Answer::Status(status, name, value) => {
                    let response = Response::builder().status(status);
                    let response = if name.is_empty() { response } else { response.header(name, value) };
                    Ok(response.body(()).expect("a response"))
                }
                Answer::Error("open") => Err(Failed::Open(crate::refusal::NotMade)),
                Answer::Error(text) => Err(Failed::Plain(text)),
                Answer::Never => std::future::pending().await,
            }
        })
    }
}
