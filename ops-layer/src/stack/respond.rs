//! From a refusal to a response.

use super::problem;
use crate::refusal::{Fault, Refusal};
use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tower::{Layer, Service};

/// Makes responses of refusals.
#[derive(Clone, Copy, Debug, Default)]
pub struct RespondLayer;

impl<S> Layer<S> for RespondLayer {
    type Service = Respond<S>;

    fn layer(&self, inner: S) -> Respond<S> {
        Respond { inner }
    }
}

/// Makes responses of refusals; the service's own errors pass.
#[derive(Clone, Debug)]
pub struct Respond<S> {
    inner: S,
}

impl<S, C, R, E> Service<C> for Respond<S>
where
    S: Service<C, Response = Response<R>, Error = Fault<E>>,
{
    type Response = Response<RespondBody<R>>;
    type Error = E;
    type Future = RespondFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(match ready!(self.inner.poll_ready(cx)) {
            Err(Fault::Inner(error)) => Err(error),
            // Layers refuse calls, never readiness: there is no request yet that could be answered.
            Err(Fault::Refused(_)) | Ok(()) => Ok(()),
        })
    }

    fn call(&mut self, call: C) -> Self::Future {
        RespondFuture { inner: self.inner.call(call) }
    }
}

pin_project! {
    /// Ends in a response, or in the service's own error.
    #[derive(Debug)]
    pub struct RespondFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, R, E> Future for RespondFuture<F>
where
    F: Future<Output = Result<Response<R>, Fault<E>>>,
{
    type Output = Result<Response<RespondBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let content = |refusal: &Refusal, text: Bytes| match refusal {
            Refusal::Dropped => Content::Cut,
            _ => Content::Problem { text: Some(text) },
        };
        Poll::Ready(match ready!(self.project().inner.poll(cx)) {
            Ok(response) => Ok(response.map(|body| Content::Inner { body }.into())),
            Err(Fault::Refused(refusal)) => {
                let mut response = problem::response(&refusal).map(|text| content(&refusal, text).into());
                // The layers outside of this one name the reason, which the status alone does not say.
                response.extensions_mut().insert(refusal);
                Ok(response)
            }
            Err(Fault::Inner(error)) => Err(error),
        })
    }
}

pin_project! {
    /// The service's body, a problem, or none at all.
    #[derive(Debug)]
    pub struct RespondBody<B> {
        #[pin]
        content: Content<B>,
    }
}

pin_project! {
    #[project = ContentProjection]
    #[derive(Debug)]
    enum Content<B> {
        Inner { #[pin] body: B },
        Problem { text: Option<Bytes> },
        // Fails before its first frame: hyper then closes an HTTP/1.1 connection without having
        // sent the head, and resets an HTTP/2 stream. That is what a dropped connection looks like.
        Cut,
    }
}

impl<B> From<Content<B>> for RespondBody<B> {
    fn from(content: Content<B>) -> Self {
        Self { content }
    }
}

impl<B: Body<Data = Bytes>> Body for RespondBody<B> {
    type Data = Bytes;
    type Error = BodyError<B::Error>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.project().content.project() {
            ContentProjection::Inner { body } => body.poll_frame(cx).map_err(BodyError::Inner),
            ContentProjection::Problem { text } => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            ContentProjection::Cut => Poll::Ready(Some(Err(BodyError::Cut))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Inner { body } => body.is_end_stream(),
            Content::Problem { text } => text.is_none(),
            Content::Cut => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Inner { body } => body.size_hint(),
            Content::Problem { text } => SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64)),
            Content::Cut => SizeHint::default(),
        }
    }
}

/// Why a body ended before its time.
#[derive(Debug)]
pub enum BodyError<E> {
    /// The service's own error.
    Inner(E),
    /// Chaos closes the connection.
    Cut,
}

impl<E> fmt::Display for BodyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(_) => f.write_str("the service's response body failed"),
            Self::Cut => Refusal::Dropped.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for BodyError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Inner(error) => Some(error),
            Self::Cut => None,
        }
    }
}
