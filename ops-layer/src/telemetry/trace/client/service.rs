//! Sends each call as part of the current trace.

use super::{describe, resent, scope::within, ClientBody, ClientFuture, ClientScope};
use crate::{call::Attempt, telemetry::trace::Tracer};
use http::{Request, Response};
use http_body::Body;
use std::task::{Context, Poll};
use tower::Service;

/// Sends each call as part of the current trace.
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    pub(super) inner: S,
    pub(super) tracer: Tracer,
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<ClientBody<R>>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let about = || {
            let span = describe(request.method(), request.uri(), request.headers());
            // By the conventions, how often the request was sent before.
            match request.extensions().get() {
                Some(Attempt(attempt @ 2..)) => resent(span, *attempt - 1),
                _ => span,
            }
        };
        let mut scope = ClientScope::begin(Some(&self.tracer), about);
        if let Some(scope) = &scope {
            scope.inject(request.headers_mut());
        }
        let inner = within(scope.as_mut(), || self.inner.call(request));
        ClientFuture::new(inner, scope)
    }
}
