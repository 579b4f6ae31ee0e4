//! Over TLS, to a receiver that can be trusted and to one that cannot.

use crate::{
    certificate::Authority,
    receiver::{Receiver, GRPC_TLS, HTTP_TLS, LATER},
    traffic::{ask, Decided},
};
use ops_tests::{
    outside::is_here,
    service::{Process, Service},
    wait,
};
use std::path::PathBuf;

/// A service that trusts this authority, as the system's store would have it.
async fn trusting(authority: &Authority, text: &str) -> Service {
    let store = authority.certificate().display().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    Service::of(Process::spawn_in(folder, text, &[("SSL_CERT_FILE", &store)])).await
}

pub(crate) async fn spans_arrive_over_tls(python: PathBuf) {
    if !is_here("openssl") {
        return;
    }
    let authority = Authority::new();
    let receiver = Receiver::start_with(&python, &authority.leaf(), &authority.key()).await;
    for (number, way) in [GRPC_TLS, HTTP_TLS].into_iter().enumerate() {
        let text = format!("{}otlp_headers = {{ authorization = \"Bearer {number}\" }}\n", receiver.quiet(way));
        let service = trusting(&authority, &text).await;
        ask(service.client(), service.server, "/ok", number, Decided::Recorded).await;
        receiver.settled(&service).await;
        let spans = receiver.spans();
        assert_eq!(spans.iter().map(|span| span.number()).collect::<Vec<_>>(), (0..=number).collect::<Vec<_>>());
        let batch = receiver.batches().into_iter().rfind(|batch| !batch.spans.is_empty()).expect("a batch");
        assert_eq!(
            (batch.by.as_str(), &batch.headers["authorization"]),
            (way.name, &format!("Bearer {number}").into())
        );
    }
}

pub(crate) async fn nothing_is_sent_to_whom_the_system_does_not_trust(python: PathBuf) {
    if !is_here("openssl") {
        return;
    }
    let (trusted, other) = (Authority::new(), Authority::new());
    let receiver = Receiver::start_with(&python, &other.leaf(), &other.key()).await;
    for way in [GRPC_TLS, HTTP_TLS] {
        let service = trusting(&trusted, &format!("{}otlp_timeout = \"500ms\"\n", receiver.quiet(way))).await;
        ask(service.client(), service.server, "/ok", 7, Decided::Recorded).await;
        let says = |line: &String| line.contains("traces.export_failed");
        wait::holds("the line that says so", LATER, || service.process.log().iter().any(says)).await;
        let log = service.process.log();
        assert!(log.iter().any(|line| says(line) && line.contains("certificate")), "{log:#?}");
        assert!(receiver.batches().is_empty());
    }
}
