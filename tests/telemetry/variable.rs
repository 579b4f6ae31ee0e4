//! The variables that OpenTelemetry's own SDKs read.

use crate::{
    receiver::{Receiver, Way, GRPC, HTTP},
    traffic::{ask, Decided},
};
use ops_tests::service::{Process, Service, QUIET};
use std::path::PathBuf;

const REQUESTS: usize = 40;

async fn start(receiver: &Receiver, way: Way, rate: &str, more: &str) -> Service {
    let url = receiver.url(way);
    let variables = [
        ("OTEL_SERVICE_NAME", "named-by-variable"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", way.protocol),
        ("OTEL_TRACES_SAMPLER_ARG", rate),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=pay%20ments,x-turn=7"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1.2.3,deployment.environment.name=staging,team=pay%20ments"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    Service::of(Process::spawn_in(folder, &format!("{QUIET}{more}"), &variables)).await
}

pub(crate) async fn they_take_effect(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    for way in [GRPC, HTTP] {
        let before = receiver.spans().len();
        let service = start(&receiver, way, "0.5", "").await;
        for number in 0..REQUESTS {
            ask(service.client(), service.server, "/ok", number, Decided::Here).await;
        }
        receiver.settled(&service).await;
        let spans = receiver.spans().split_off(before);
        assert!(spans.len().abs_diff(REQUESTS / 2) <= 1, "{} of {REQUESTS} at 0.5", spans.len());
        let batch = receiver.batches().pop().expect("a batch");
        assert_eq!((&batch.headers["x-team"], &batch.headers["x-turn"]), (&"pay ments".into(), &"7".into()));
        for span in spans {
            let expected = [
                ("service.name", "named-by-variable"),
                ("service.version", "1.2.3"),
                ("deployment.environment.name", "staging"),
                ("team", "pay ments"),
            ];
            for (key, value) in expected {
                assert_eq!(span.resource[key], value, "{key}: {}", span.resource);
            }
        }
    }
}

pub(crate) async fn the_file_is_stronger(python: PathBuf) {
    let receiver = Receiver::start(&python).await;
    let text = "service_name = \"named-by-file\"\nenvironment = \"test\"\nsampling_rate = 1.0\n";
    let service = start(&receiver, GRPC, "0.0", text).await;
    ask(service.client(), service.server, "/ok", 7, Decided::Here).await;
    receiver.settled(&service).await;
    let spans = receiver.spans();
    assert_eq!(spans.len(), 1);
    let resource = &spans[0].resource;
    assert_eq!(
        (&resource["service.name"], &resource["deployment.environment.name"]),
        (&"named-by-file".into(), &"test".into())
    );
}
