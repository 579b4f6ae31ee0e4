//! Within what a Rust service assembles today, each part as its documentation shows it.

use crate::app::routes;
use axum::Router;
use axum_prometheus::PrometheusMetricLayer;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
    Resource,
};
use std::net::SocketAddr;
use tokio::runtime::Runtime;
use tower_http::trace::TraceLayer;
use tracing::{level_filters::LevelFilter, Dispatch};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, Registry};

/// The parts that live as long as the service.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) service: Router,
    /// Its subscriber, which is to be the current one while it is called.
    pub(crate) dispatch: Dispatch,
    pub(crate) provider: SdkTracerProvider,
}

pub(crate) fn start(runtime: &Runtime, sink: SocketAddr) -> Assembled {
    // The connection is a task of the runtime.
    let _entered = runtime.enter();
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(format!("http://{sink}")).build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter.expect("an exporter"))
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(0.1))))
        .with_resource(Resource::builder().with_service_name("peers").build())
        .build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("peers"));
    // The spans of requests are of level trace and this target.
    let filter = Targets::new().with_default(LevelFilter::INFO).with_target("otel::tracing", LevelFilter::TRACE);
    let subscriber = Registry::default().with(filter).with(tracing_subscriber::fmt::layer().json()).with(spans);
    let (metrics, _handle) = PrometheusMetricLayer::pair();
    let service = routes().layer(TraceLayer::new_for_http()).layer(OtelAxumLayer::default()).layer(metrics);
    Assembled { service, dispatch: Dispatch::new(subscriber), provider }
}
