//! What is done with a span when it ends: secrets are masked and long texts cut, it is kept among the
//! recent ones, and exported.

use super::{export::cut, Pipeline, RecentTraces};
use crate::telemetry::{masked::Masked, redact::is_secret};
use arc_swap::ArcSwap;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use ops_config::value::MASK;
use std::{sync::Arc, time::Duration};

/// What is done with a span when it ends.
///
/// One processor and not two: the SDK would copy each span for each of them, also where nobody exports.
#[derive(Debug)]
pub(crate) struct Ended {
    recent: RecentTraces,
    pipeline: Pipeline,
    /// By the configuration in force.
    masked: Arc<ArcSwap<Masked>>,
}

impl Ended {
    pub(in crate::telemetry) const fn new(
        recent: RecentTraces,
        pipeline: Pipeline,
        masked: Arc<ArcSwap<Masked>>,
    ) -> Self {
        Self { recent, pipeline, masked }
    }
}

impl SpanProcessor for Ended {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        let masked = self.masked.load();
        mask(&mut span.attributes, &masked);
        for event in &mut span.events.events {
            mask(&mut event.attributes, &masked);
        }
        for link in &mut span.links.links {
            mask(&mut link.attributes, &masked);
        }
        cut(&mut span);
        if self.pipeline.is_wanted() {
            self.recent.keep(span.clone());
            self.pipeline.on_end(span);
        } else {
            self.recent.keep(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.pipeline.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.pipeline.shutdown_with_timeout(timeout)
    }
}

fn mask(attributes: &mut [KeyValue], masked: &Masked) {
    for attribute in attributes {
        let name = attribute.key.as_str();
        if masked.names(name) || (!is_known(name) && is_secret(name)) {
            attribute.value = MASK.into();
        }
    }
}

/// Names that every span has. To look for a secret in one costs more than all the rest that is done here.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "http.request.method"
            | "http.route"
            | "http.response.status_code"
            | "url.path"
            | "url.query"
            | "url.full"
            | "url.scheme"
            | "server.address"
            | "server.port"
            | "client.address"
            | "client.port"
            | "network.peer.address"
            | "network.peer.port"
            | "network.protocol.version"
            | "user_agent.original"
            | "error.type"
            | "code.file.path"
            | "code.module.name"
            | "code.line.number"
            | "level"
            | "target"
    )
}

#[cfg(test)]
mod tests;
