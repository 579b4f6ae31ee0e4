//! Makes OpenTelemetry spans with the ids that were decided for the request.

use super::TraceContext;
use crate::telemetry::random;
use opentelemetry::{
    trace::{
        SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer as _,
        TracerProvider as _,
    },
    Context,
};
use opentelemetry_sdk::trace::{IdGenerator, Sampler, SdkTracer, SdkTracerProvider, SpanProcessor};
use std::cell::Cell;

thread_local! {
    static NEXT: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// Makes spans. A clone makes them for the same place.
#[derive(Clone, Debug)]
pub(crate) struct Tracer {
    sdk: SdkTracer,
    /// A context that holds who makes spans and nothing else. A request's own begins as a copy of the pointer:
    /// put in anew, it would be three allocations for each request that is recorded.
    home: Context,
}

/// Who made the spans of a context.
#[derive(Debug)]
struct Maker(SdkTracer);

impl Tracer {
    /// A tracer whose ended spans go to the processor.
    pub(crate) fn new(processor: impl SpanProcessor + 'static) -> Self {
        // Whoever makes a span has decided before; the provider must not decide again.
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::AlwaysOn)
            .with_id_generator(DecidedIds)
            .build();
        Self::of(provider.tracer("ops-layer"))
    }

    /// Whoever made the current span.
    pub(super) fn current() -> Option<Self> {
        Context::map_current(|context| context.get::<Maker>().map(|maker| Self::of(maker.0.clone())))
    }

    fn of(sdk: SdkTracer) -> Self {
        Self { home: Context::new().with_value(Maker(sdk.clone())), sdk }
    }

    /// The SDK's tracer, for spans of `tracing`.
    pub(crate) fn sdk(&self) -> SdkTracer {
        self.sdk.clone()
    }

    /// Starts a span with the id of `context` under the remote parent, or as the root of the trace.
    pub(super) fn start(&self, builder: SpanBuilder, context: &TraceContext, remote: Option<&TraceContext>) -> Context {
        match remote {
            Some(remote) => self.start_in(builder, context, &self.home.with_remote_span_context(span_context(remote))),
            None => self.start_in(builder, context, &self.home),
        }
    }

    /// Starts a span with the id of `context` under the span of `parent`.
    pub(super) fn start_in(&self, builder: SpanBuilder, context: &TraceContext, parent: &Context) -> Context {
        let span = {
            let _decided = Decided::new(context);
            self.sdk.build_with_context(builder, parent)
        };
        let context = parent.with_span(span);
        if context.get::<Maker>().is_some() {
            context
        } else {
            context.with_value(Maker(self.sdk.clone()))
        }
    }
}

fn span_context(remote: &TraceContext) -> SpanContext {
    // A list the SDK does not take is not exported; it is still handed on with the headers.
    let state = remote.tracestate().and_then(|state| state.parse().ok()).unwrap_or(TraceState::NONE);
    SpanContext::new(remote.trace_id(), remote.span_id(), TraceFlags::new(remote.flags()), true, state)
}

/// Says the ids of the spans that are made while it lives; no others, also after a panic.
struct Decided;

impl Decided {
    fn new(context: &TraceContext) -> Self {
        NEXT.set(Some((context.trace_id(), context.span_id())));
        Self
    }
}

impl Drop for Decided {
    fn drop(&mut self) {
        NEXT.set(None);
    }
}

/// Gives a span the ids that were decided for it; random ones to all others.
#[derive(Debug)]
struct DecidedIds;

impl IdGenerator for DecidedIds {
    fn new_trace_id(&self) -> TraceId {
        // Only a user's span outside of every request has no id yet: `tracing` says nothing there.
        let [high, low] = random::words();
        NEXT.get().map_or_else(|| TraceId::from(u128::from(high.max(1)) << 64 | u128::from(low)), |(trace, _)| trace)
    }

    fn new_span_id(&self) -> SpanId {
        NEXT.get().map_or_else(super::sampler::random_span_id, |(_, span)| span)
    }
}

#[cfg(test)]
mod tests;
