//! Takes spans over either protocol, and tells what came with them.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{combinators::WithTrailers, BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::{
    convert::Infallible,
    future::{ready, Ready},
    net::SocketAddr,
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What one request brought.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) authorization: String,
    /// The trace of each span.
    pub(crate) traces: Vec<u128>,
}

/// A collector, until it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    received: Arc<Received>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Received {
    batches: Mutex<Vec<Batch>>,
    connections: AtomicUsize,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::<Received>::default();
        let kept = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                received.connections.fetch_add(1, Relaxed);
                let received = Arc::clone(&received);
                let service = hyper::service::service_fn(move |request| take(Arc::clone(&received), request));
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, received: kept, task }
    }

    /// All that came so far, in its order.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.received.batches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.received.connections.load(Relaxed)
    }
}

type Body = WithTrailers<Full<Bytes>, Ready<Option<Result<HeaderMap, Infallible>>>>;

async fn take(received: Arc<Received>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let authorization = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut message = body.collect().await.expect("a whole body").to_bytes();
    let is_grpc = head.headers.get("content-type").is_some_and(|kind| kind == "application/grpc");
    if is_grpc {
        // One message: a flag, four bytes of length, and itself.
        message = message.slice(5..);
    }
    let spans = ExportTraceServiceRequest::decode(message).expect("protobuf").resource_spans;
    let spans = spans.into_iter().flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
    let traces = spans.map(|span| u128::from_be_bytes(span.trace_id.try_into().expect("sixteen bytes"))).collect();
    let batch = Batch { authorization: authorization.to_owned(), traces };
    received.batches.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    // Nothing is said in return: no message at all, or one of no bytes in its frame.
    let (kind, answer, trailers) = if is_grpc {
        let ok = HeaderMap::from_iter([(http::header::HeaderName::from_static("grpc-status"), HeaderValue::from(0))]);
        ("application/grpc", &[0; 5][..], Some(Ok(ok)))
    } else {
        ("application/x-protobuf", &[][..], None)
    };
    let body = Full::new(Bytes::from_static(answer)).with_trailers(ready(trailers));
    Ok(Response::builder().header("content-type", kind).body(body).expect("a response"))
}
