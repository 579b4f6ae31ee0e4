//! For tests: a collector in this process, on a free port, and generations to send requests through.

use super::{Telemetry, TelemetryPlan};
use crate::{call::Call, clock::Moment};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        trace_service_server::{TraceService, TraceServiceServer},
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::{any_value::Value, KeyValue},
    trace::v1::Span,
};
use ops_config::{
    check,
    live::Generation,
    section::ObservabilityConfig,
    source::{Sources, Texts},
};
use prost::Message;
use std::{
    collections::VecDeque,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, SystemTime},
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_rustls::TlsAcceptor;
use tracing::{
    subscriber::{DefaultGuard, NoSubscriber},
    Dispatch,
};
use tracing_subscriber::{layer::SubscriberExt, Layer, Registry};

/// What one request to the collector brought.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) service: String,
    pub(super) environment: String,
    pub(super) authorization: Option<String>,
    pub(super) spans: Vec<Span>,
}

/// A collector, until it is dropped.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) address: SocketAddr,
    received: mpsc::UnboundedReceiver<Received>,
    faults: Faults,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Collector {
    /// One that takes OTLP over gRPC.
    pub(super) async fn grpc() -> Self {
        Self::start("grpc", None).await
    }

    /// One that takes OTLP as protobuf over HTTP.
    pub(super) async fn http() -> Self {
        Self::start("http/protobuf", None).await
    }

    /// One that takes OTLP by a protocol, and over TLS if it has a certificate.
    pub(super) async fn start(protocol: &str, tls: Option<TlsAcceptor>) -> Self {
        let (sender, batches) = mpsc::unbounded_channel();
        let faults = Faults::default();
        let receiver = Receiver { sender, faults: Arc::clone(&faults) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = if protocol == "grpc" {
            tokio::spawn(accept(listener, tls, TraceServiceServer::new(receiver)))
        } else {
            tokio::spawn(accept(listener, tls, tower::service_fn(move |request| post(request, receiver.clone()))))
        };
        Self { address, received: batches, faults, task }
    }

    /// The next requests fare so, one after another.
    pub(super) fn fail(&self, faults: impl IntoIterator<Item = Failing>) {
        self.faults.lock().expect("not poisoned").extend(faults);
    }

    /// The next batch; a test that waits for one for ten seconds has failed.
    pub(super) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(10), self.received.recv()).await;
        next.expect("a batch in time").expect("a collector that runs")
    }

    /// The next spans, in however many batches they come.
    pub(super) async fn spans(&mut self, count: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        while spans.len() < count {
            spans.extend(self.next().await.spans);
        }
        spans
    }

    pub(super) fn is_empty(&self) -> bool {
        self.received.is_empty()
    }
}

/// How a request fares that is not simply taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failing {
    /// Not now, says the collector: try later.
    Later,
    /// Never, says the collector.
    Refused,
    /// All but one span are taken.
    Partly,
}

type Faults = Arc<Mutex<VecDeque<Failing>>>;

async fn accept<S, B>(listener: TcpListener, tls: Option<TlsAcceptor>, service: S)
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, service) = (tls.clone(), TowerToHyperService::new(service.clone()));
        tokio::spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            let Some(tls) = tls else {
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                return;
            };
            if let Ok(stream) = tls.accept(stream).await {
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            }
        });
    }
}

#[derive(Clone)]
struct Receiver {
    sender: mpsc::UnboundedSender<Received>,
    faults: Faults,
}

impl Receiver {
    fn fault(&self) -> Option<Failing> {
        self.faults.lock().expect("not poisoned").pop_front()
    }

    fn take(
        &self,
        request: ExportTraceServiceRequest,
        authorization: Option<String>,
        fault: Option<Failing>,
    ) -> ExportTraceServiceResponse {
        let _ = self.sender.send(read(request, authorization));
        let partial = ExportTracePartialSuccess { rejected_spans: 1, error_message: "one is bad".to_owned() };
        ExportTraceServiceResponse { partial_success: fault.map(|_| partial) }
    }
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let authorization = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        let authorization = authorization.map(str::to_owned);
        match self.fault() {
            Some(Failing::Later) => Err(tonic::Status::unavailable("later")),
            Some(Failing::Refused) => Err(tonic::Status::invalid_argument("never")),
            fault => Ok(tonic::Response::new(self.take(request.into_inner(), authorization, fault))),
        }
    }
}

async fn post(request: Request<Incoming>, receiver: Receiver) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/v1/traces"));
    let authorization = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let authorization = authorization.map(str::to_owned);
    let body = request.into_body().collect().await.expect("a whole body").to_bytes();
    let (status, answer) = match receiver.fault() {
        Some(Failing::Later) => (503, Vec::new()),
        Some(Failing::Refused) => (400, Vec::new()),
        fault => {
            let request = ExportTraceServiceRequest::decode(body).expect("protobuf");
            (200, receiver.take(request, authorization, fault).encode_to_vec())
        }
    };
    Ok(Response::builder().status(status).body(Full::new(answer.into())).expect("an answer"))
}

fn read(request: ExportTraceServiceRequest, authorization: Option<String>) -> Received {
    let resource = request.resource_spans[0].resource.clone().expect("a resource");
    let spans = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    Received {
        service: attribute(&resource.attributes, "service.name").expect("a service's name"),
        environment: attribute(&resource.attributes, "deployment.environment.name").expect("an environment"),
        authorization,
        spans: spans.flat_map(|scope| scope.spans).collect(),
    }
}

/// The text or number under a key.
pub(super) fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    match attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

/// A plan with nothing but telemetry.
#[derive(Debug)]
pub(super) struct Plan(TelemetryPlan);

impl AsRef<TelemetryPlan> for Plan {
    fn as_ref(&self) -> &TelemetryPlan {
        &self.0
    }
}

/// The section as it is written in a file.
pub(super) fn config(section: &str) -> ObservabilityConfig {
    checked(section).config().observability.clone()
}

fn checked(section: &str) -> check::Checked {
    let text = format!("version = 1\n[observability]\n{section}\n");
    let texts = Texts::from_bytes("ops.toml", text.into_bytes()).expect("a file");
    check::check(&Sources::from_file("ops.toml"), &texts).expect("a configuration")
}

/// Puts a section in force.
pub(super) fn publish(
    telemetry: &Telemetry,
    section: &str,
    before: Option<&Arc<Generation<Plan>>>,
) -> Arc<Generation<Plan>> {
    let checked = Arc::new(checked(section));
    let current = before.map(|generation| &generation.plan.0);
    let (plan, staged) = telemetry.prepare(&checked.config().observability, current).expect("it can be built");
    telemetry.commit(staged);
    let seq = before.map_or(1, |generation| generation.seq + 1);
    Arc::new(Generation { seq, loaded_at: SystemTime::UNIX_EPOCH, checked, plan: Plan(plan) })
}

/// Makes `tracing` on this thread go through a layer until the guard is dropped.
pub(super) fn subscribe(layer: impl Layer<Registry> + Send + Sync) -> DefaultGuard {
    // While there is one subscriber only, `tracing` asks whichever thread comes first whether an event
    // is wanted, and remembers a no for all of them. With two it asks both.
    static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));
    LazyLock::force(&SECOND);
    tracing::subscriber::set_default(Registry::default().with(layer))
}

/// A request as the outermost layer makes it.
pub(super) fn call<B>(pinned: &Arc<Generation<Plan>>, request: Request<B>) -> Call<Plan, B> {
    Call { request, pinned: Arc::clone(pinned), started: Moment::now() }
}
