//! The client that both protocols go through: HTTP/1.1 or HTTP/2, with or without TLS.

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{connect::HttpConnector, Client},
    rt::{TokioExecutor, TokioTimer},
};
use ops_config::section::OtlpProtocol;
use rustls::{crypto::ring, ClientConfig, RootCertStore};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tonic::body::Body;

/// How long the connection may lie unused; less than what load balancers allow.
const IDLE: Duration = Duration::from_secs(50);

pub(super) type HttpClient = Client<HttpsConnector<HttpConnector>, Body>;

/// A client whose connections can be given up.
#[derive(Debug)]
pub(super) struct Connection {
    connector: HttpsConnector<HttpConnector>,
    is_multiplexed: bool,
    client: Mutex<HttpClient>,
}

impl Connection {
    /// Opens nothing. Servers prove who they are by one of the roots. The addresses of one name share the
    /// time to connect: else the first that is dead would have all of it, at every try.
    pub(super) fn new(protocol: OtlpProtocol, roots: RootCertStore, to_connect: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(to_connect));
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(IDLE));
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls(roots)).https_or_http();
        let is_multiplexed = protocol == OtlpProtocol::Grpc;
        let connector = if is_multiplexed {
            builder.enable_http2().wrap_connector(tcp)
        } else {
            builder.enable_all_versions().wrap_connector(tcp)
        };
        let client = Mutex::new(client(&connector, is_multiplexed));
        Self { connector, is_multiplexed, client }
    }

    pub(super) fn client(&self) -> HttpClient {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives up the connections there are. One that does not answer may be dead without anybody having
    /// said so, and over HTTP/2 all later tries would wait on it as well.
    pub(super) fn renew(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client(&self.connector, self.is_multiplexed);
    }
}

fn client(connector: &HttpsConnector<HttpConnector>, is_multiplexed: bool) -> HttpClient {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
        .http2_only(is_multiplexed)
        .build(connector.clone())
}

fn tls(roots: RootCertStore) -> ClientConfig {
    // Named, because a program may have other providers in its tree, and then the default is a panic.
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let versions = builder.with_safe_default_protocol_versions().expect("ring has suites for TLS 1.2 and 1.3");
    versions.with_root_certificates(roots).with_no_client_auth()
}

/// The roots that the system trusts, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name; the web's
/// where the system has none, as a bare container.
///
/// # Errors
/// The variables name something and it holds no root: whoever set them did not mean the web's.
pub(super) fn trusted_roots() -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if !roots.is_empty() {
        return Ok(roots);
    }
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| std::env::var_os(name).is_some());
    if let Some(name) = named {
        let cause = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(io::Error::other(format!("no root certificate where {name} says{cause}")));
    }
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    Ok(roots)
}
