use super::{Tracer, NEXT};
use crate::telemetry::trace::{SpanId, TraceContext, TraceId};
use opentelemetry::{trace::SpanBuilder, Context};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use std::{panic, time::Duration};

/// Panics when a span is made.
#[derive(Debug)]
struct Careless;

impl SpanProcessor for Careless {
    fn on_start(&self, _: &mut Span, _: &Context) {
        panic!("on purpose");
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn ids_that_were_decided_for_one_span_are_no_other_s_after_a_panic() {
    let context = TraceContext::new(TraceId::from(7), SpanId::from(8), 1);
    let tracer = Tracer::new(Careless);
    let made = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let _ = tracer.start(SpanBuilder::from_name("x"), &context, None);
    }));
    assert_eq!((made.is_err(), NEXT.get()), (true, None));
}
