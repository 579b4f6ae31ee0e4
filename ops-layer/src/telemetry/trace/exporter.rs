//! The way to one collector: OTLP over gRPC, or as protobuf over HTTP.

use http::{header, HeaderMap, HeaderValue};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    tonic_types::metadata::MetadataMap, ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
    WithTonicConfig,
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter as _},
    Resource,
};
use ops_config::{
    diagnostic::{Code, KeyPath, Origin, Violation},
    section::{ObservabilityConfig, OtlpProtocol},
    value::{HeaderName, HttpUrl, Secret, MASK},
};
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

/// How long one batch may take, tries and pauses together.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What an exporter is made from. Equal settings keep the exporter.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    endpoint: HttpUrl,
    protocol: OtlpProtocol,
    headers: BTreeMap<HeaderName, Secret>,
    service_name: String,
    environment: String,
}

/// The way to one collector.
pub(crate) struct Exporter {
    settings: Settings,
    inner: SpanExporter,
}

impl fmt::Debug for Exporter {
    /// Without the SDK's part, which shows its headers as they are sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Exporter {
    /// Makes the exporter of a configuration, or keeps the current one where nothing it is made
    /// from has changed. None when no collector is named. Opens no connection; needs a Tokio runtime.
    ///
    /// # Errors
    /// The address or the headers are not what the protocol can carry.
    pub(crate) fn prepare(
        config: &ObservabilityConfig,
        service_name: &str,
        current: Option<&Arc<Self>>,
    ) -> Result<Option<Arc<Self>>, Vec<Violation>> {
        let Some(endpoint) = config.otlp_endpoint.clone() else { return Ok(None) };
        let settings = Settings {
            endpoint,
            protocol: config.otlp_protocol,
            headers: config.otlp_headers.clone(),
            service_name: service_name.to_owned(),
            environment: config.environment.clone(),
        };
        if let Some(current) = current.filter(|current| current.settings == settings) {
            return Ok(Some(Arc::clone(current)));
        }
        Self::build(settings).map(|exporter| Some(Arc::new(exporter)))
    }

    fn build(settings: Settings) -> Result<Self, Vec<Violation>> {
        let headers = headers(&settings.headers)?;
        let mut inner = match settings.protocol {
            OtlpProtocol::Grpc => grpc(&settings.endpoint, headers),
            OtlpProtocol::HttpProtobuf => protobuf(&settings.endpoint, &headers)?,
        }
        .map_err(|error| refused(&settings.endpoint, &error))?;
        inner.set_resource(&resource(&settings));
        Ok(Self { settings, inner })
    }

    /// Sends one batch.
    pub(super) async fn send(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.inner.export(batch).await
    }
}

fn grpc(endpoint: &HttpUrl, headers: HeaderMap) -> Result<SpanExporter, ExporterBuildError> {
    SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint.as_str())
        .with_timeout(TIMEOUT)
        .with_metadata(MetadataMap::from_headers(headers))
        .build()
}

fn protobuf(
    endpoint: &HttpUrl,
    headers: &HeaderMap,
) -> Result<Result<SpanExporter, ExporterBuildError>, Vec<Violation>> {
    if endpoint.as_str().starts_with("https:") {
        // The SDK's HTTP client has no TLS; it would fail with each batch, and nowhere else.
        let help = "use http:// to a collector nearby, or otlp_protocol = \"grpc\", which has TLS".to_owned();
        return Err(endpoint_violation(endpoint, "an http:// address for \"http/protobuf\"", help));
    }
    let text = |(name, value): (&header::HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
    };
    Ok(SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_path(endpoint.as_str()))
        .with_timeout(TIMEOUT)
        .with_headers(headers.iter().map(text).collect())
        .build())
}

/// The SDK takes an address given in code as it is: without this, spans would be posted to `/`.
fn traces_path(endpoint: &str) -> String {
    let (path, query) = endpoint.split_at(endpoint.find('?').unwrap_or(endpoint.len()));
    let base = path.trim_end_matches('/');
    if base.ends_with("/v1/traces") {
        format!("{base}{query}")
    } else {
        format!("{base}/v1/traces{query}")
    }
}

/// The headers as HTTP takes them, or every one that it does not; the values are secrets and stay unsaid.
fn headers(secrets: &BTreeMap<HeaderName, Secret>) -> Result<HeaderMap, Vec<Violation>> {
    let mut headers = HeaderMap::new();
    let mut violations = Vec::new();
    for (name, secret) in secrets {
        let value = secret.expose().and_then(|value| HeaderValue::from_str(value).ok());
        match (header::HeaderName::from_bytes(name.as_str().as_bytes()), value) {
            (Ok(name), Some(mut value)) => {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
            _ => violations.push(Violation {
                key: KeyPath::from_iter(["observability", "otlp_headers", name.as_str()]),
                found: Some(MASK.to_owned()),
                expected: "a value of printable characters".to_owned(),
                ..unusable()
            }),
        }
    }
    if violations.is_empty() {
        Ok(headers)
    } else {
        Err(violations)
    }
}

/// The SDK's own words, which say the whole address, as it was written or with the path for spans.
fn refused(endpoint: &HttpUrl, error: &ExporterBuildError) -> Vec<Violation> {
    let shown = endpoint.to_string();
    let said = error.to_string().replace(&traces_path(endpoint.as_str()), &shown).replace(endpoint.as_str(), &shown);
    endpoint_violation(endpoint, "the address of a collector", said)
}

fn endpoint_violation(endpoint: &HttpUrl, expected: &str, help: String) -> Vec<Violation> {
    vec![Violation {
        key: KeyPath::from_iter(["observability", "otlp_endpoint"]),
        found: Some(format!("{endpoint:?}")),
        expected: expected.to_owned(),
        help: Some(help),
        ..unusable()
    }]
}

/// What all faults of an exporter have in common. Where the key was written is known to the caller.
fn unusable() -> Violation {
    Violation {
        code: Code::Exporter,
        key: KeyPath::root(),
        origin: Origin::Default,
        found: None,
        expected: String::new(),
        help: None,
        notes: Vec::new(),
    }
}

fn resource(settings: &Settings) -> Resource {
    Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attribute(KeyValue::new("deployment.environment.name", settings.environment.clone()))
        .build()
}

#[cfg(test)]
mod tests;
