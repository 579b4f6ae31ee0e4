//! What telemetry keeps for the life of the process.

use super::{
    access::rules_for,
    log::{LogSettings, Logs},
    masked::Masked,
    metric::{process, Durations, Families, HttpCounts, Metrics},
    plan::{TelemetryPlan, TraceState},
    trace::{sampler_for, span_layer, Cap, ClientLayer, Ended, Exporter, Pipeline, RecentTraces, Tracer},
};
use arc_swap::ArcSwap;
use ops_config::{
    diagnostic::{Code, KeyPath, Origin, Violation},
    section::ObservabilityConfig,
};
use std::{
    io::{IsTerminal, Write},
    sync::Arc,
    time::Duration,
};
use tracing::Subscriber;
use tracing_subscriber::{layer::SubscriberExt, registry::LookupSpan, Layer, Registry};

/// What telemetry keeps for the life of the process: where spans, lines and counts go.
/// Clones are the same telemetry.
#[derive(Clone, Debug)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    trace: Arc<TraceState>,
    pipeline: Pipeline,
    recent: RecentTraces,
    /// What is masked in spans that end from now on.
    masked: Arc<ArcSwap<Masked>>,
    http: Arc<HttpCounts>,
    metrics: Metrics,
    logs: Logs,
}

/// What [`Telemetry::prepare`] made ready. Dropped without [`Telemetry::commit`], nothing has happened.
#[derive(Debug)]
pub struct Staged {
    exporter: Option<Arc<Exporter>>,
    durations: Arc<Durations>,
    logs: LogSettings,
    service: String,
}

/// Where the program's log lines and spans go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// To us.
    Here,
    /// To the subscriber the program had set before; it may take [`Telemetry::layer`] in.
    Elsewhere,
}

impl Telemetry {
    /// Telemetry that writes its log to standard error and follows the defaults until the first commit.
    #[must_use]
    pub fn new() -> Self {
        let is_coloured = is_terminal(&std::io::stderr());
        Self::start(std::io::stderr(), is_coloured)
    }

    /// Telemetry that writes its log to standard output, as [`Ops::start`](crate::Ops::start) does.
    #[must_use]
    pub fn to_stdout() -> Self {
        let is_coloured = is_terminal(&std::io::stdout());
        Self::start(std::io::stdout(), is_coloured)
    }

    /// Telemetry that writes its log there. It may block: a thread of its own writes, and what it has no
    /// room for any more is dropped and counted.
    #[must_use]
    pub fn with_output(output: impl Write + Send + 'static) -> Self {
        Self::start(output, false)
    }

    fn start(output: impl Write + Send + 'static, is_coloured: bool) -> Self {
        let config = ObservabilityConfig::default();
        let pipeline = Pipeline::new();
        let service = service_name(&config);
        let recent = RecentTraces::new(&service);
        let logs = LogSettings::new(&config.logging, &service);
        let masked = Arc::new(ArcSwap::from_pointee(logs.masked().clone()));
        let tracer = Tracer::new(Ended::new(recent.clone(), pipeline.clone(), Arc::clone(&masked)));
        let inner = Inner {
            trace: Arc::new(TraceState { cap: Cap::default(), tracer }),
            pipeline,
            recent,
            http: HttpCounts::new(),
            metrics: Metrics::new(),
            masked,
            logs: Logs::new(logs, output, is_coloured),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Makes this the subscriber of the process. One process has one; where the program has set its
    /// own already, that one is left alone.
    #[must_use = "says whether the log goes elsewhere"]
    pub fn install(&self) -> Installed {
        match tracing::subscriber::set_global_default(Registry::default().with(self.layer())) {
            Ok(()) => Installed::Here,
            Err(_) => Installed::Elsewhere,
        }
    }

    /// The layer that logs and records spans, for a program with a subscriber of its own.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + 'static
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        // In this order: over a bare registry, the outer of two layers alone says which levels exist at all.
        span_layer(&self.inner.trace.tracer).and_then(self.inner.logs.layer())
    }

    /// The layer for a client, which carries the trace of a request on to another service.
    #[must_use]
    pub fn client_layer(&self) -> ClientLayer {
        ClientLayer::new(self.inner.trace.tracer.clone())
    }

    /// Makes all that a configuration needs and that can fail, sharing with `current` what did not
    /// change. Within a Tokio runtime; waits for nobody, but reads the system's root certificates where
    /// a new collector is behind TLS. One that is kept keeps the roots it was made with.
    ///
    /// # Errors
    /// The exporter cannot be made from the settings, or the buckets make no histogram.
    pub fn prepare(
        &self,
        config: &ObservabilityConfig,
        current: Option<&TelemetryPlan>,
    ) -> Result<(TelemetryPlan, Staged), Vec<Violation>> {
        let service = service_name(config);
        let exporter = Exporter::prepare(config, &service, current.and_then(|plan| plan.exporter.as_ref()))?;
        let durations = durations_for(config, current)?;
        let plan = TelemetryPlan {
            sampler: sampler_for(config, current.map(|plan| &plan.sampler)),
            access: rules_for(&config.logging, current.and_then(|plan| plan.access.as_ref())),
            durations: Arc::clone(&durations),
            exporter: exporter.clone(),
            http: Arc::clone(&self.inner.http),
            state: Arc::clone(&self.inner.trace),
        };
        let logs = LogSettings::new(&config.logging, &service);
        Ok((plan, Staged { exporter, durations, logs, service }))
    }

    /// Puts what was made ready in force. Cannot fail.
    pub fn commit(&self, staged: Staged) {
        let Staged { exporter, durations, logs, service } = staged;
        self.inner.recent.name_service(&service);
        self.inner.pipeline.export_to(exporter);
        self.inner.http.put_in_force(&durations);
        self.inner.masked.store(Arc::new(logs.masked().clone()));
        self.inner.logs.set(logs);
    }

    /// The traces that ended last, also where nothing is exported.
    #[must_use]
    pub fn recent_traces(&self) -> &RecentTraces {
        &self.inner.recent
    }

    /// The program's own metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Requests under way.
    #[must_use]
    pub fn active_requests(&self) -> u64 {
        self.inner.http.active()
    }

    /// Requests that ended since the process began, and those of them that failed: answered with 5xx, or not at all
    /// because the service gave an error or panicked.
    #[must_use]
    pub fn answered_requests(&self) -> (u64, u64) {
        self.inner.http.answered()
    }

    /// All that telemetry itself knows: of requests, traces, the log, the process, and what the
    /// program registered.
    #[must_use]
    pub fn families(&self) -> Families {
        let mut families = Families::new();
        self.inner.http.describe(&mut families);
        self.describe_traces(&mut families);
        families
            .counter("ops_log_lines_dropped_total", "Log lines not written because nobody took them in time.")
            .point(&[], self.inner.logs.dropped());
        process::describe(&mut families);
        families.extend(self.inner.metrics.gather());
        families
    }

    fn describe_traces(&self, families: &mut Families) {
        let (sampled, dropped) = self.inner.http.traces();
        families.counter("ops_traces_sampled_total", "Requests whose trace was recorded.").point(&[], sampled);
        families
            .counter("ops_traces_dropped_total", "Requests whose trace was not recorded, by rate, cap or their caller.")
            .point(&[], dropped);
        let spans = self.inner.pipeline.snapshot();
        families.counter("ops_spans_exported_total", "Spans that a collector took.").point(&[], spans.exported);
        let dropped =
            families.counter("ops_spans_dropped_total", "Spans that no collector took, by why they were dropped.");
        for (reason, count) in spans.dropped {
            dropped.point(&[("reason", reason)], count);
        }
        families.gauge("ops_spans_queued", "Spans that wait for a place in a batch.").point(&[], spans.queued);
    }

    /// Sends the spans and writes the lines that are left, and gives up at the deadline, which may be as
    /// far away as a [`Duration`] reaches.
    pub async fn shutdown(&self, deadline: Duration) {
        // Spans first: what goes wrong with them is worth a line.
        let started = crate::clock::Moment::now();
        self.inner.pipeline.flush(deadline.mul_f32(0.8)).await;
        let left = deadline.saturating_sub(crate::clock::Moment::now().since(started));
        let logs = self.inner.logs.clone();
        // Waiting for the writer blocks a thread, so not one of the runtime's; and none may be free,
        // where what hangs holds them all.
        let written = tokio::task::spawn_blocking(move || logs.flush(left));
        let _ = tokio::time::timeout(left, written).await;
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

/// Keeps the histogram whose buckets did not change, with what it has counted.
fn durations_for(
    config: &ObservabilityConfig,
    current: Option<&TelemetryPlan>,
) -> Result<Arc<Durations>, Vec<Violation>> {
    let current = current.map(|plan| &plan.durations);
    if let Some(durations) = current.filter(|durations| *durations.buckets() == *config.latency_buckets) {
        return Ok(Arc::clone(durations));
    }
    Durations::try_new(&config.latency_buckets).map(Arc::new).map_err(|_| {
        vec![Violation {
            code: Code::CannotBuild,
            key: KeyPath::from_iter(["observability", "latency_buckets"]),
            origin: Origin::Default,
            found: Some(format!("{:?}", config.latency_buckets)),
            expected: "strictly rising bounds".to_owned(),
            help: None,
            notes: Vec::new(),
        }]
    })
}

/// Whether people look at it, and want to see colours.
fn is_terminal(output: &impl IsTerminal) -> bool {
    output.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The name a service goes by, as OpenTelemetry has it where none is given.
pub(crate) fn service_name(config: &ObservabilityConfig) -> String {
    config.service_name.clone().unwrap_or_else(|| {
        let program = std::env::current_exe().ok();
        let name = program
            .as_deref()
            .and_then(std::path::Path::file_name)
            .map_or("unknown".into(), |name| name.to_string_lossy());
        format!("unknown_service:{name}")
    })
}

#[cfg(test)]
mod tests;
