use super::{
    super::{
        build::Builder,
        ops::{Inner, Ops},
        side::Side,
        state::AllIncoming,
        supervisor::Supervisor,
    },
    families, State,
};
use crate::telemetry::metric::Exposition;
use axum::{body::Body, routing::get, Router};
use http::{header::HOST, Method, Request, StatusCode};
use ops_config::{reload, source::Sources};
use prometheus::{
    core::{Collector, Desc},
    proto::MetricFamily,
    IntCounter,
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};
use tempfile::TempDir;
use tower::ServiceExt;

/// A program over a file of its own, which nobody calls from outside.
struct Running {
    ops: Ops,
    file: PathBuf,
    _folder: TempDir,
    _incoming: AllIncoming,
}

impl Running {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ops.toml");
        std::fs::write(&file, Self::text("")).expect("a file");
        // As a program starts, but for the subscriber of the process, which is every test's.
        let (state, incoming) =
            State::new(crate::telemetry::Telemetry::with_output(std::io::sink()), Side::none(), Supervisor::default());
        let state = Arc::new(state);
        let running = reload::start(Sources::from_file(&file), Builder::new(Arc::clone(&state)));
        let running = running.await.expect("a valid configuration");
        let ops = Ops { inner: Arc::new(Inner { state, live: running.live, reload: running.handle }) };
        Self { ops, file, _folder: folder, _incoming: incoming }
    }

    fn text(more: &str) -> String {
        format!(
            "version = 1\nadmin.listen = \"127.0.0.1:0\"\nobservability.metrics_port = 0\n\
             observability.logging.level = \"off\"\nobservability.sampling_rate = 0.01\n{more}"
        )
    }

    async fn save(&self, more: &str) {
        std::fs::write(&self.file, Self::text(more)).expect("a file");
        self.ops.reload().await;
    }

    /// A service with one route, inside the whole stack.
    fn service(&self) -> Router {
        let handler = || async { "an item" };
        Router::new().route("/items/{id}", get(handler)).layer(self.ops.layer())
    }

    fn page(&self, exposition: Exposition) -> String {
        let inner = &self.ops.inner;
        families(&inner.state, &inner.live, &inner.reload).page(exposition)
    }

    /// Every series, without its value.
    fn series(&self) -> BTreeSet<String> {
        let page = self.page(Exposition::Prometheus);
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    }
}

async fn ask(service: &Router, method: &str, path: &str, host: &str) -> StatusCode {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = Request::builder().method(method).uri(path).header(HOST, host).body(Body::empty());
    let answer = service.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = answer.status();
    http_body_util::BodyExt::collect(answer.into_body()).await.expect("a whole body");
    status
}

#[tokio::test]
async fn a_hundred_thousand_hostile_requests_add_no_series() {
    const HOSTILE: usize = 100_000;
    let running = Running::start().await;
    let service = running.service();
    for method in ["GET", "OTHER"] {
        for path in ["/items/1", "/no/such/route"] {
            ask(&service, method, path, "here").await;
        }
    }
    let before = running.series();
    for n in 0..HOSTILE {
        let path = if n % 2 == 0 { format!("/items/{n}?x={n}") } else { format!("/{n}/\u{25}00{n}") };
        let method = if n % 3 == 0 { "GET".to_owned() } else { format!("M{n}") };
        ask(&service, &method, &path, &format!("host-{n}.example:{}", n % 65_536)).await;
    }
    let after = running.series();
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
    let (answered, _) = running.ops.inner.state.telemetry.answered_requests();
    assert_eq!(answered, 4 + HOSTILE as u64, "all of them were counted");
}

#[tokio::test]
async fn other_buckets_start_the_histogram_anew_and_nothing_else() {
    let running = Running::start().await;
    let service = running.service();
    ask(&service, "GET", "/items/1", "here").await;
    let counted = |page: &str| page.contains("http_server_request_duration_seconds_count{");
    assert!(counted(&running.page(Exposition::Prometheus)));
    running.save("observability.latency_buckets = [7.5]\n").await;
    assert!(!counted(&running.page(Exposition::Prometheus)), "anew");
    assert_eq!(running.ops.inner.state.telemetry.answered_requests(), (1, 0), "what probation compares goes on");
    ask(&service, "GET", "/items/1", "here").await;
    assert!(running.page(Exposition::OpenMetrics).contains("http_route=\"/items/{id}\",le=\"7.5\"} 1 # {trace_id="));
    let status = running.ops.inner.reload.moment(&running.ops.inner.live).1;
    let told = status.history.entries().next().and_then(|entry| entry.differences.first()?.effect());
    assert!(told.is_some_and(|told| told.contains("starts anew")), "{told:?}");
}

/// A collector that a stranger wrote in a hurry.
#[derive(Clone)]
struct Panics;

impl Collector for Panics {
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        panic!("not today")
    }
}

#[tokio::test]
async fn a_collector_that_panics_takes_nothing_of_ours_along() {
    let running = Running::start().await;
    let orders = IntCounter::new("shop_orders_total", "Orders.").expect("a name as it should be");
    running.ops.metrics().register(orders).expect("the first").inc();
    assert!(running.page(Exposition::OpenMetrics).contains("# TYPE shop_orders counter\n"));
    running.ops.metrics().register(Panics).expect("nothing is known of it");
    let page = running.page(Exposition::OpenMetrics);
    assert!(page.contains("ops_config_generation 1\n") && page.ends_with("# EOF\n"), "{page}");
}
