//! The way to one collector: OTLP over gRPC, or as protobuf over HTTP.

use super::{
    answer::Answer,
    connection::{trusted_roots, Connection},
    grpc,
    protobuf::{self, traces_path},
    resource::resource,
    way::Way,
};
use bytes::Bytes;
use http::{header, HeaderMap, HeaderValue, Uri};
use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::resource::v1::Resource;
use ops_config::{
    diagnostic::{Code, KeyPath, Origin, Violation},
    section::{ObservabilityConfig, OtlpProtocol},
    value::{AttributeName, HeaderName, HttpUrl, Secret, MASK},
};
use rustls::RootCertStore;
use std::{collections::BTreeMap, fmt, io, sync::Arc, time::Duration};

/// Who sends, as OTLP asks it to be said.
const AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/ops-", env!("CARGO_PKG_VERSION"));

/// What an exporter is made from. Equal settings keep the exporter.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    endpoint: HttpUrl,
    protocol: OtlpProtocol,
    headers: BTreeMap<HeaderName, Secret>,
    timeout: Duration,
    service_name: String,
    environment: String,
    attributes: BTreeMap<AttributeName, String>,
}

/// The way to one collector.
pub(crate) struct Exporter {
    settings: Settings,
    uri: Uri,
    headers: HeaderMap,
    resource: Resource,
    connection: Connection,
}

impl fmt::Debug for Exporter {
    /// Without what is sent as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Exporter {
    /// Makes the exporter of a configuration, or keeps the current one where nothing it is made
    /// from has changed, with the root certificates it was made with. None when no collector is named.
    /// Opens no connection; reads the system's root certificates for a collector behind TLS.
    ///
    /// # Errors
    /// The address or the headers are not what the protocol can carry, or no root can be read.
    pub(crate) fn prepare(
        config: &ObservabilityConfig,
        service_name: &str,
        current: Option<&Arc<Self>>,
    ) -> Result<Option<Arc<Self>>, Vec<Violation>> {
        let Some(settings) = Settings::of(config, service_name) else { return Ok(None) };
        if let Some(current) = current.filter(|current| current.settings == settings) {
            return Ok(Some(Arc::clone(current)));
        }
        Self::build(settings, trusted_roots).map(|exporter| Some(Arc::new(exporter)))
    }

    fn build(settings: Settings, roots: impl FnOnce() -> io::Result<RootCertStore>) -> Result<Self, Vec<Violation>> {
        let headers = headers(&settings.headers)?;
        let uri = uri(&settings)?;
        let roots = if settings.endpoint.as_str().starts_with("https:") {
            let untrusted = |error: io::Error| {
                endpoint_violation(&settings.endpoint, "root certificates to trust it by", error.to_string())
            };
            roots().map_err(untrusted)?
        } else {
            RootCertStore::empty()
        };
        let own = [
            KeyValue::new("service.name", settings.service_name.clone()),
            KeyValue::new("deployment.environment.name", settings.environment.clone()),
        ];
        let more = settings.attributes.iter();
        let more = more.map(|(name, value)| KeyValue::new(name.as_str().to_owned(), value.clone()));
        let resource = resource(more.chain(own));
        let connection = Connection::new(settings.protocol, roots, settings.timeout);
        Ok(Self { settings, uri, headers, resource, connection })
    }
}

impl Settings {
    fn of(config: &ObservabilityConfig, service_name: &str) -> Option<Self> {
        Some(Self {
            endpoint: config.otlp_endpoint.clone()?,
            protocol: config.otlp_protocol,
            headers: config.otlp_headers.clone(),
            timeout: config.otlp_timeout.get(),
            service_name: service_name.to_owned(),
            environment: config.environment.clone(),
            attributes: config.resource_attributes.clone(),
        })
    }
}

impl Way for Exporter {
    fn endpoint(&self) -> &HttpUrl {
        &self.settings.endpoint
    }

    fn resource(&self) -> &Resource {
        &self.resource
    }

    fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    async fn send(&self, body: Bytes) -> Answer {
        let client = self.connection.client();
        match self.settings.protocol {
            OtlpProtocol::Grpc => grpc::send(client, &self.uri, &self.headers, body).await,
            OtlpProtocol::HttpProtobuf => protobuf::send(client, &self.uri, &self.headers, body).await,
        }
    }

    fn give_up(&self) {
        self.connection.renew();
    }
}

/// Where requests go: gRPC knows no path but that of the method, and no query.
fn uri(settings: &Settings) -> Result<Uri, Vec<Violation>> {
    let endpoint = &settings.endpoint;
    let unusable = |error: http::Error| endpoint_violation(endpoint, "the address of a collector", error.to_string());
    let whole = traces_path(endpoint.as_str());
    let uri: Uri = whole.parse().map_err(|error| unusable(http::uri::InvalidUri::into(error)))?;
    match settings.protocol {
        OtlpProtocol::HttpProtobuf => Ok(uri),
        OtlpProtocol::Grpc => {
            let mut parts = uri.into_parts();
            parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
            Uri::from_parts(parts).map_err(|error| unusable(error.into()))
        }
    }
}

/// The headers as HTTP takes them, or every one that it does not; the values are secrets and stay unsaid.
fn headers(secrets: &BTreeMap<HeaderName, Secret>) -> Result<HeaderMap, Vec<Violation>> {
    let mut headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(AGENT))]);
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

#[cfg(test)]
mod encrypted;
#[cfg(test)]
pub(super) mod tests;
