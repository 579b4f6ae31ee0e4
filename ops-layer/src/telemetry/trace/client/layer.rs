//! Carries the trace on to another service.

use super::ClientService;
use crate::telemetry::trace::Tracer;
use tower::Layer;

/// Carries the trace of the current request on to another service, and makes a span of each call where
/// that request is recorded.
///
/// For any `Service<http::Request<_>>` that answers with an `http::Response<_>`: a client of hyper-util or tonic,
/// or a whole stack of layers around one. Stands outermost to have one span for a call with all its
/// tries, innermost to have one for each try. Made by `Ops::client_layer`.
#[derive(Clone, Debug)]
pub struct ClientLayer {
    tracer: Tracer,
}

impl ClientLayer {
    pub(in crate::telemetry) const fn new(tracer: Tracer) -> Self {
        Self { tracer }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService { inner, tracer: self.tracer.clone() }
    }
}
