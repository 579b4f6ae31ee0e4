//! `[observability]`: traces, metrics, logs.

use crate::value::{
    hours, minutes, AttributeName, Count, FieldName, HeaderName, Host, HttpUrl, List, LogFilter, Period, Port,
    Positive, Ratio, RoutePattern, Secret, StatusPattern,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is measured, traced and logged, and where it goes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ObservabilityConfig {
    /// The service's name in every trace, metric and log line (`service.name`). Text. Left out:
    /// `unknown_service:` and the program's name.
    ///
    /// Reload: spans that end from now on carry the new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,

    /// Where the service runs (`deployment.environment.name`); also what `chaos.environments` is
    /// compared with. Text.
    ///
    /// Reload: spans that end from now on carry the new name.
    pub environment: String,

    /// More of what tells this process from others, in the names of OpenTelemetry's conventions, such
    /// as `service.version`. Texts. `service_name` and `environment` are said by keys of their own, and
    /// `service.instance.id`, `host.name` and `process.pid` unless they are said here.
    ///
    /// Reload: spans that end from now on carry the new ones.
    pub resource_attributes: BTreeMap<AttributeName, String>,

    /// The share of new traces that is recorded. Ratio, 0.0 to 1.0. A caller's decision is kept.
    ///
    /// Reload: applies to the next request.
    pub sampling_rate: Ratio,

    /// At most so many new traces are recorded in a second, beside the ratio. Count, 1 to 1000000.
    /// Left out: no cap.
    ///
    /// Reload: applies to the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_traces_per_second: Option<Count<1, 1_000_000>>,

    /// The collector that traces are sent to. Address. Left out: nothing is sent.
    ///
    /// Reload: the next try goes to the new collector; the try under way may still end at the old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<HttpUrl>,

    /// How the collector is spoken to.
    ///
    /// Reload: the next try speaks so; the try under way may still end as it began.
    pub otlp_protocol: OtlpProtocol,

    /// Headers sent to the collector with each batch. Names in lower case, with secrets.
    ///
    /// Reload: sent with the next try; the try under way goes with the old ones.
    pub otlp_headers: BTreeMap<HeaderName, Secret>,

    /// How long one try to send a batch may take; one that fails is made again, each time later.
    /// Time, 100ms to 1m.
    ///
    /// Reload: the next try.
    pub otlp_timeout: Period<100, { minutes(1) }>,

    /// The port of `/metrics`, `/livez`, `/readyz` and `/startupz`. Port, 0 to 65535; 0 lets the system choose.
    ///
    /// Reload: the new port is bound first, then the old one closes.
    pub metrics_port: Port,

    /// The address that port is bound on. IP address.
    ///
    /// Reload: the new address is bound first, then the old one closes.
    pub metrics_host: Host,

    /// Upper bounds of the buckets of request durations. Seconds, above 0, strictly rising, 1 to 100 of them.
    ///
    /// Reload: `http_server_request_duration_seconds` starts anew with the new bounds, its `_count` and `_sum`
    /// too, as after a restart: `rate` and `increase` allow for that. No other metric starts anew.
    pub latency_buckets: List<Positive, 1, 100>,

    /// Sampling rates of single routes; the first match wins, `sampling_rate` holds for the rest.
    ///
    /// Reload: applies to the next request.
    pub sampling_rules: List<SamplingRule, 0, 1000>,

    /// What is logged, and in which form.
    pub logging: LoggingConfig,
}

impl Default for ObservabilityConfig {
    fn default() -> Self {
        const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
        Self {
            service_name: None,
            environment: "development".to_owned(),
            resource_attributes: BTreeMap::new(),
            sampling_rate: Ratio::literal(0.1),
            max_traces_per_second: None,
            otlp_endpoint: None,
            otlp_protocol: OtlpProtocol::Grpc,
            otlp_headers: BTreeMap::new(),
            otlp_timeout: Period::literal(10_000),
            metrics_port: Port::literal(9090),
            metrics_host: Host::LOOPBACK,
            latency_buckets: List::literal(BUCKETS.map(Positive::literal)),
            sampling_rules: List::default(),
            logging: LoggingConfig::default(),
        }
    }
}

/// How a collector is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub enum OtlpProtocol {
    /// OTLP over gRPC, port 4317 by custom.
    #[serde(rename = "grpc")]
    Grpc,
    /// OTLP as protobuf over HTTP, port 4318 by custom; `/v1/traces` is added to the address.
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
}

/// The sampling rate of some routes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SamplingRule {
    /// Which requests. Path pattern.
    ///
    /// Reload: applies to the next request.
    pub route: RoutePattern,

    /// The share of their new traces that is recorded. Ratio, 0.0 to 1.0.
    ///
    /// Reload: applies to the next request.
    pub sampling_rate: Ratio,
}

/// What is logged, and in which form.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoggingConfig {
    /// Which lines are written: a level, then levels of single modules. Filter.
    ///
    /// Reload: applies to the next line.
    pub level: LogFilter,

    /// The form of a line.
    ///
    /// Reload: applies to the next line.
    pub format: LogFormat,

    /// Fields whose values are masked, in lines and in recorded spans, besides those whose names speak of
    /// secrets (`password`, `api_key`, `authorization` and the like). Names, whole and in any case.
    ///
    /// Reload: applies to the next line, and to spans that end from then on.
    pub redact: List<FieldName, 0, 1000>,

    /// The share of requests that get a line of their own once they have ended (event `http.request`,
    /// target `ops_layer::access`), where no rule says otherwise. Ratio, 0.0 to 1.0; 0.0: none.
    ///
    /// Reload: applies to the requests that begin from now on.
    pub access_rate: Ratio,

    /// Which requests get such a line, judged by how they ended; the first match wins, `access_rate`
    /// holds for the rest.
    ///
    /// Reload: applies to the requests that begin from now on.
    pub access_rules: List<AccessRule, 0, 1000>,
}

impl Default for LoggingConfig {
    fn default() -> Self {
        let level = LogFilter::level(crate::value::Level::Info);
        Self {
            level,
            format: LogFormat::Json,
            redact: List::default(),
            access_rate: Ratio::ZERO,
            access_rules: List::default(),
        }
    }
}

/// Which requests get a line once they have ended. All that a rule says must be so; what it leaves out
/// may be anything.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRule {
    /// Which requests. Path pattern. Left out: all.
    ///
    /// Reload: applies to the requests that begin from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RoutePattern>,

    /// How they were answered: "404", "5xx". 1 to 100 of them. A service that failed without an answer
    /// counts as 500; a request whose client went away first has none. Left out: however they ended.
    ///
    /// Reload: applies to the requests that begin from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<List<StatusPattern, 1, 100>>,

    /// They took longer than this, to the last byte of the answer. Time, 1ms to 1h. Left out: however
    /// long they took.
    ///
    /// Reload: applies to the requests that begin from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slower_than: Option<Period<1, { hours(1) }>>,

    /// The share of them that gets a line. Ratio, 0.0 to 1.0.
    ///
    /// Reload: applies to the requests that begin from now on.
    pub rate: Ratio,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}
