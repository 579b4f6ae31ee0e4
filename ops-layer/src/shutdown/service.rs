//! A tower service as hyper takes it, each request counted.

use super::activity::{Activity, InFlight};
use crate::call::{Held, PeerAddr};
use http::{header, HeaderValue, Request, Response, StatusCode, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{ready, Context, Poll},
};
use tower::{util::Oneshot, Service, ServiceExt};

/// A tower service as hyper takes it: a clone answers each request, and each is counted
/// until its response body has ended.
#[derive(Clone, Debug)]
pub struct Counted<S> {
    service: S,
    activity: Arc<Activity>,
}

impl<S> Counted<S> {
    pub(super) fn new(service: S, activity: Arc<Activity>) -> Self {
        Self { service, activity }
    }
}

impl<S, I, B> hyper::service::Service<Request<I>> for Counted<S>
where
    S: Service<Request<I>, Response = Response<B>> + Clone,
    B: Body,
{
    type Response = Response<Held<B, InFlight>>;
    type Error = S::Error;
    type Future = CountedFuture<S, Request<I>>;

    fn call(&self, mut request: Request<I>) -> Self::Future {
        if let Some(peer) = self.activity.peer() {
            request.extensions_mut().insert(PeerAddr(peer));
        }
        let is_h1 = request.version() < Version::HTTP_2;
        let guard = Some(self.activity.begin(!is_h1));
        CountedFuture { inner: self.service.clone().oneshot(request), guard, is_h1 }
    }
}

pin_project! {
    /// The response to come, of [`Counted`].
    #[derive(Debug)]
    pub struct CountedFuture<S, R>
    where
        S: Service<R>,
    {
        #[pin]
        inner: Oneshot<S, R>,
        guard: Option<InFlight>,
        is_h1: bool,
    }
}

impl<S, R, B> Future for CountedFuture<S, R>
where
    S: Service<R, Response = Response<B>>,
    B: Body,
{
    type Output = Result<Response<Held<B, InFlight>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.inner.poll(cx));
        let guard = this.guard.take();
        Poll::Ready(outcome.map(|mut response| {
            if let (StatusCode::SWITCHING_PROTOCOLS, Some(guard)) = (response.status(), &guard) {
                guard.upgrade();
            }
            // hyper says so too, but only of requests that came after it was told to finish.
            if *this.is_h1 && guard.as_ref().is_some_and(InFlight::is_draining) {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response.map(|body| Held::new(body, guard))
        }))
    }
}
