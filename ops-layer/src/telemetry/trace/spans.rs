//! The user's own `tracing` spans, as children of the request's span.

use super::{current, tracer::Tracer};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{level_filters::LevelFilter, subscriber::Interest, Level, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{
    filter::Filtered,
    layer::{Context, Filter, Layer},
    registry::LookupSpan,
};

/// Turns `tracing` spans into OpenTelemetry's where the request is recorded; elsewhere no span is made.
pub(crate) type SpanLayer<S> = Filtered<OpenTelemetryLayer<S, SdkTracer>, Recorded, S>;

/// The layer for a subscriber.
pub(crate) fn span_layer<S>(tracer: &Tracer) -> SpanLayer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = OpenTelemetryLayer::new(tracer.sdk()).with_tracked_inactivity(false).with_threads(false);
    layer.with_filter(Recorded)
}

/// Lets through what happens in a recorded request: spans from level info on, events from warn on.
///
/// It answers from a thread-local. Libraries open spans of level debug and trace by the dozen for
/// each request; those would cost every request the question, and are nobody's business in a trace.
#[derive(Debug)]
pub(crate) struct Recorded;

fn is_told(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= if metadata.is_span() { Level::INFO } else { Level::WARN }
}

impl<S> Filter<S> for Recorded {
    fn enabled(&self, metadata: &Metadata<'_>, _cx: &Context<'_, S>) -> bool {
        is_told(metadata) && current::is_recorded()
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_told(metadata) {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
}
