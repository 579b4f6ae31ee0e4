//! A receiver of spans that shares no code with what sends them: Python's gRPC and HTTP, and the
//! messages as OpenTelemetry publishes them.

use crate::span::{Batch, Span};
use http::Method;
use ops_tests::{
    service::{Service, QUIET},
    wait,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// How long the receiver's start, or a span, may take on a machine that is busy.
pub(crate) const LATER: Duration = Duration::from_secs(30);

/// What it takes spans over: the protocol as `otlp_protocol` has it, and whether with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// As the receiver calls it.
    pub(crate) name: &'static str,
    pub(crate) protocol: &'static str,
    scheme: &'static str,
}

pub(crate) const GRPC: Way = Way { name: "grpc", protocol: "grpc", scheme: "http" };
pub(crate) const HTTP: Way = Way { name: "http", protocol: "http/protobuf", scheme: "http" };
pub(crate) const GRPC_TLS: Way = Way { name: "grpcs", protocol: "grpc", scheme: "https" };
pub(crate) const HTTP_TLS: Way = Way { name: "https", protocol: "http/protobuf", scheme: "https" };

/// A receiver at work; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Receiver {
    host: String,
    ports: BTreeMap<String, u16>,
    child: Child,
    orders: ChildStdin,
    batches: Arc<Mutex<Vec<Batch>>>,
    reader: Option<JoinHandle<()>>,
}

/// A Python that has what the receiver needs: in the folders of `OPS_RECEIVER`, then in those of `PATH`.
pub(crate) fn python() -> Option<PathBuf> {
    const NEEDED: &str = "import grpc, opentelemetry.proto.collector.trace.v1.trace_service_pb2";
    let has_all = |path: &PathBuf| {
        let mut command = Command::new(path);
        command.args(["-c", NEEDED]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let variables = ["OPS_RECEIVER", "PATH"].into_iter().filter_map(std::env::var_os);
    let folders: Vec<_> = variables.flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>()).collect();
    folders.into_iter().map(|folder| folder.join("python3")).filter(|path| path.is_file()).find(has_all)
}

impl Receiver {
    /// On ports that the system chooses.
    pub(crate) async fn start(python: &Path) -> Self {
        Self::start_at(python, "127.0.0.1", [0, 0]).await
    }

    /// On the ports of gRPC and HTTP that are given.
    pub(crate) async fn start_at(python: &Path, host: &str, ports: [u16; 2]) -> Self {
        Self::begin(python, host, &ports.map(|port| port.to_string())).await
    }

    /// With TLS too, by a certificate for `localhost`.
    pub(crate) async fn start_with(python: &Path, certificate: &Path, key: &Path) -> Self {
        let files = [certificate, key].map(|path| path.display().to_string());
        Self::begin(python, "127.0.0.1", &[["0".to_owned(), "0".to_owned()], files].concat()).await
    }

    async fn begin(python: &Path, host: &str, arguments: &[String]) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("telemetry/receiver.py");
        let mut command = Command::new(python);
        command.arg(program).arg(host).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the receiver starts");
        let (orders, said) = (child.stdin.take().expect("ours"), child.stdout.take().expect("ours"));
        let (first, batches) = (Arc::<Mutex<Option<Value>>>::default(), Arc::<Mutex<Vec<Batch>>>::default());
        let (ports, kept) = (Arc::clone(&first), Arc::clone(&batches));
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).expect("JSON");
                if said["ports"].is_object() {
                    *ports.lock().unwrap_or_else(PoisonError::into_inner) = Some(said["ports"].clone());
                } else {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(Batch::read(&said));
                }
            }
        });
        let look = || std::future::ready(first.lock().unwrap_or_else(PoisonError::into_inner).take());
        let ports = wait::until("the receiver's ports", LATER, look).await;
        let ports = serde_json::from_value(ports).expect("ports by their names");
        Self { host: host.to_owned(), ports, child, orders, batches, reader: Some(reader) }
    }

    /// Its address, as `otlp_endpoint` has it.
    pub(crate) fn url(&self, way: Way) -> String {
        let host = if way.scheme == "https" { "localhost" } else { &self.host };
        format!("{}://{host}:{}", way.scheme, self.port(way))
    }

    pub(crate) fn port(&self, way: Way) -> u16 {
        self.ports[way.name]
    }

    /// The least of an `ops.toml` that sends spans here: its last table is `[observability]`.
    pub(crate) fn quiet(&self, way: Way) -> String {
        format!("{QUIET}otlp_endpoint = \"{}\"\notlp_protocol = \"{}\"\n", self.url(way), way.protocol)
    }

    /// Says how it is to answer from now on, as `receiver.py` explains.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("it listens");
    }

    /// All requests so far, in their order.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All spans that it took, in their order.
    pub(crate) fn spans(&self) -> Vec<Arc<Span>> {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.iter().filter(|batch| batch.answered == "ok").flat_map(|batch| batch.spans.iter().cloned()).collect()
    }

    /// The spans of a trace, once there are so many.
    pub(crate) async fn trace(&self, trace: &str, spans: usize) -> Vec<Arc<Span>> {
        wait::until("the spans of the trace", LATER, || {
            let found: Vec<_> = self.spans().into_iter().filter(|span| span.trace == trace).collect();
            std::future::ready((found.len() >= spans).then_some(found))
        })
        .await
    }

    /// Waits until all spans that have ended in a service are here: spans come in the order of their ends,
    /// so a last one shows it. It belongs to no other request.
    pub(crate) async fn settled(&self, service: &Service) {
        let trace = format!("{:032x}", fastrand::u128(1..));
        let parent = format!("00-{trace}-00000000000000ff-01");
        let headers = [("traceparent", parent.as_str())];
        service.client().send(service.server, Method::GET, "/ok", &headers, "").await.expect("an answer");
        self.trace(&trace, 1).await;
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(|batch| {
            batch.spans.retain(|span| span.trace != trace);
        });
    }

    fn end(&mut self) {
        // It may have ended already; nobody needs what it would still say.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }

    /// Ends it, and says what it had taken.
    pub(crate) fn stop(mut self) -> Vec<Arc<Span>> {
        self.end();
        self.spans()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}
