//! Collectors behind TLS.

use super::{tests::body, Answer, Exporter, RootCertStore, Settings, Way};
use crate::telemetry::collector::{config, Collector};
use rcgen::{generate_simple_self_signed, CertifiedKey, KeyPair};
use rustls::{crypto::ring, pki_types::PrivateKeyDer, ServerConfig};
use std::{io, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// A certificate for a name, as the server shows it and as a client trusts it.
fn certificate(name: &str, protocols: &[&str]) -> (TlsAcceptor, RootCertStore) {
    let CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair> =
        generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a pair");
    server.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).expect("a root");
    (TlsAcceptor::from(Arc::new(server)), roots)
}

fn exporter(collector: &Collector, protocol: &str, roots: RootCertStore) -> Exporter {
    let section =
        format!("otlp_endpoint = \"https://127.0.0.1:{}\"\notlp_protocol = \"{protocol}\"", collector.address.port());
    let settings = Settings::of(&config(&section), "shop").expect("an endpoint");
    Exporter::build(settings, || Ok(roots)).expect("it can be made")
}

#[tokio::test]
async fn spans_arrive_over_tls_by_whatever_http_both_sides_speak() {
    let all = [
        ("grpc", ["h2"].as_slice()),
        ("http/protobuf", &["h2", "http/1.1"]),
        ("http/protobuf", &["http/1.1"]),
        ("http/protobuf", &[]),
    ];
    for (protocol, spoken) in all {
        let (acceptor, roots) = certificate("127.0.0.1", spoken);
        let mut collector = Collector::start(protocol, Some(acceptor)).await;
        let exporter = exporter(&collector, protocol, roots);
        let answer = exporter.send(body(&exporter)).await;
        assert!(matches!(answer, Answer::Taken { rejected: 0 }), "{protocol} {spoken:?}: {answer:?}");
        assert_eq!(collector.next().await.spans.len(), 1);
    }
}

#[tokio::test]
async fn a_collector_that_cannot_prove_who_it_is_gets_nothing() {
    for protocol in ["grpc", "http/protobuf"] {
        let (acceptor, _) = certificate("127.0.0.1", &["h2", "http/1.1"]);
        let (other, for_another_name) = certificate("collector.example", &["h2", "http/1.1"]);
        let (_, unrelated) = certificate("127.0.0.1", &[]);
        for (acceptor, roots) in [(acceptor, unrelated), (other, for_another_name)] {
            let collector = Collector::start(protocol, Some(acceptor)).await;
            let exporter = exporter(&collector, protocol, roots);
            let answer = exporter.send(body(&exporter)).await;
            // Certificates are mended, and the batch waits as long as for any other outage.
            let Answer::Later { after: None, cause } = answer else { panic!("{protocol}: {answer:?}") };
            assert!(cause.contains("certificate"), "{cause}");
            assert!(collector.is_empty());
        }
    }
}

#[test]
fn without_a_root_to_trust_it_by_a_collector_behind_tls_is_refused_at_build() {
    let settings = |endpoint: &str| Settings::of(&config(&format!("otlp_endpoint = \"{endpoint}\"")), "shop");
    let none = || Err(io::Error::other("no root certificate where SSL_CERT_FILE says"));
    let violations = Exporter::build(settings("https://x").expect("one"), none).expect_err("no root");
    assert_eq!(violations[0].key.to_string(), "observability.otlp_endpoint");
    assert!(violations[0].help.as_deref().is_some_and(|help| help.contains("SSL_CERT_FILE")), "{violations:?}");
    assert!(Exporter::build(settings("http://x").expect("one"), none).is_ok(), "and nobody asks without TLS");
}
