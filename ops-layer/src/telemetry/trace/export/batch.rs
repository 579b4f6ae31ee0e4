//! Spans as they are sent: encoded once, however often they are sent.

use super::counts::{Counts, Held};
use bytes::Bytes;
use opentelemetry::InstrumentationScope;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use opentelemetry_sdk::trace::SpanData;
use prost::Message;
use std::sync::Arc;

/// Bytes in one batch, unless one span alone has more. Collectors take 4 MiB over gRPC by default.
const BYTES: usize = 3 << 20;

/// Spans on their way, as the protobuf message of OTLP.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) body: Bytes,
    pub(super) held: Held,
}

/// The spans in as many batches as their size asks for.
pub(super) fn encode(spans: Vec<SpanData>, resource: &Resource, counts: &Arc<Counts>) -> Vec<Batch> {
    let all = Held::new(spans.len(), counts);
    let mut batches = Vec::new();
    let mut open = Open::default();
    for span in spans {
        let scope = span.instrumentation_scope.clone();
        let span = Span::from(span);
        let size = span.encoded_len();
        if open.spans > 0 && open.size + size > BYTES {
            batches.push(std::mem::take(&mut open).close(resource, counts));
        }
        open.add(scope, span, size);
    }
    if open.spans > 0 {
        batches.push(open.close(resource, counts));
    }
    all.passed_on();
    batches
}

/// A batch that is being filled.
#[derive(Default)]
struct Open {
    scopes: Vec<(InstrumentationScope, ScopeSpans)>,
    spans: usize,
    size: usize,
}

impl Open {
    fn add(&mut self, scope: InstrumentationScope, span: Span, size: usize) {
        self.spans += 1;
        self.size += size;
        // There are two or three: our own tracer and that of `tracing`.
        if let Some((_, group)) = self.scopes.iter_mut().find(|(known, _)| *known == scope) {
            group.spans.push(span);
        } else {
            let schema_url = scope.schema_url().unwrap_or_default().to_owned();
            let group = ScopeSpans { scope: Some((&scope, None).into()), spans: vec![span], schema_url };
            self.scopes.push((scope, group));
        }
    }

    fn close(self, resource: &Resource, counts: &Arc<Counts>) -> Batch {
        let scope_spans = self.scopes.into_iter().map(|(_, group)| group).collect();
        let resource = Some(resource.clone());
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { resource, scope_spans, schema_url: String::new() }],
        };
        Batch { body: request.encode_to_vec().into(), held: Held::new(self.spans, counts) }
    }
}

#[cfg(test)]
mod tests;
