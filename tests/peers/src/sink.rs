//! Where spans go: OTLP over gRPC, taken, counted and forgotten, in a process of its own, so that
//! what it costs is nobody's.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{combinators::WithTrailers, BodyExt, Full};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::{
    convert::Infallible,
    future::{ready, Ready},
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// The other process, until this is dropped.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    child: Child,
    taken: Arc<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    spans: Mutex<u64>,
    more: Condvar,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let this = std::env::current_exe().expect("the path of this program");
        let mut command = Command::new(this);
        command.env(crate::WORK, "sink").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("ours")).lines().map_while(Result::ok);
        let address = lines.next().and_then(|line| line.parse().ok()).expect("its address");
        let taken = Arc::<Taken>::default();
        let kept = Arc::clone(&taken);
        // It sleeps until spans have come, as whoever waits for them does.
        std::thread::spawn(move || {
            for spans in lines.filter_map(|line| line.parse::<u64>().ok()) {
                *kept.spans.lock().unwrap_or_else(PoisonError::into_inner) += spans;
                kept.more.notify_all();
            }
        });
        Self { address, child, taken }
    }

    /// Waits until so many spans have come in all.
    pub(crate) fn wait_for(&self, spans: u64) {
        const LONGEST: Duration = Duration::from_mins(1);
        let taken = self.taken.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.taken.more.wait_timeout_while(taken, LONGEST, |taken| *taken < spans);
        let (taken, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(*taken == spans, "{} of {spans} spans have come", *taken);
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It has ended already, or it is ours to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The work of the other process. It ends with its input, however the one that measures has ended.
pub(crate) fn run() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let server = runtime.spawn(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        say(listener.local_addr().expect("its address"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let connection =
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service_fn(take));
            tokio::spawn(connection);
        }
    });
    // Nothing is ever said to it.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    server.abort();
}

fn say(what: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{what}").expect("somebody listens");
}

type Body = WithTrailers<Full<Bytes>, Ready<Option<Result<HeaderMap, Infallible>>>>;

async fn take(request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    // One message: a flag, four bytes of length, and itself.
    let message = request.into_body().collect().await?.to_bytes().slice(5..);
    let request = ExportTraceServiceRequest::decode(message).expect("protobuf");
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    say(scopes.map(|scope| scope.spans.len()).sum::<usize>());
    let ok = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from(0))]);
    let body = Full::new(Bytes::from_static(&[0; 5])).with_trailers(ready(Some(Ok(ok))));
    let mut response = Response::new(body);
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    Ok(response)
}
