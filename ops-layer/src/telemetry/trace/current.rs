//! The trace that the code running now belongs to.
//!
//! Each poll of a request swaps its context into a thread-local and out again,
//! so a log line finds it whether the request is sampled or not; nothing is
//! allocated for it. Work handed to `tokio::spawn` leaves the request: wrap it in
//! [`in_current`].

use super::TraceContext;
use opentelemetry::{
    trace::{SpanId, TraceContextExt, TraceId},
    Context,
};
use pin_project_lite::pin_project;
use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

thread_local! {
    static CURRENT: RefCell<Option<TraceContext>> = const { RefCell::new(None) };
}

/// The trace that the code running now belongs to, with the innermost span that is recorded.
#[must_use]
pub fn current() -> Option<TraceContext> {
    let context = read(Clone::clone)?;
    Some(match innermost(&context) {
        Some(span) => context.with_span(span),
        None => context,
    })
}

/// The ids for a log line, without a clone.
pub(crate) fn current_ids() -> Option<(TraceId, SpanId)> {
    let (trace, span, sampled) = read(|context| (context.trace_id(), context.span_id(), context.is_sampled()))?;
    let recorded = sampled.then(|| recorded_span(trace)).flatten();
    Some((trace, recorded.unwrap_or(span)))
}

/// The ids for an exemplar, and whether a trace is found under them.
pub(crate) fn current_sighting() -> Option<(TraceId, SpanId, bool)> {
    let is_sampled = read(TraceContext::is_sampled)?;
    current_ids().map(|(trace, span)| (trace, span, is_sampled))
}

/// Whether the code running now belongs to a request that is recorded.
pub(super) fn is_recorded() -> bool {
    read(TraceContext::is_sampled).unwrap_or(false)
}

fn read<T>(read: impl FnOnce(&TraceContext) -> T) -> Option<T> {
    // At the end of a thread, or within the swap itself, there is none.
    CURRENT.try_with(|slot| slot.try_borrow().ok()?.as_ref().map(read)).ok().flatten()
}

fn innermost(context: &TraceContext) -> Option<SpanId> {
    context.is_sampled().then(|| recorded_span(context.trace_id())).flatten()
}

/// The innermost OpenTelemetry span, if it is one of this trace.
fn recorded_span(trace: TraceId) -> Option<SpanId> {
    Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        (span.trace_id() == trace).then(|| span.span_id())
    })
}

/// What is current while one piece of work runs.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) context: Option<TraceContext>,
    pub(super) span: Option<Context>,
}

impl Scope {
    /// Runs with this scope current, and puts back what was current before, also after a panic.
    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let _span = self.span.clone().map(Context::attach);
        let _entered = Entered::new(&mut self.context);
        work()
    }
}

struct Entered<'s> {
    outer: &'s mut Option<TraceContext>,
}

impl<'s> Entered<'s> {
    fn new(context: &'s mut Option<TraceContext>) -> Self {
        swap(context);
        Self { outer: context }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        swap(self.outer);
    }
}

fn swap(context: &mut Option<TraceContext>) {
    // Fails only at the end of a thread, in both directions alike.
    let _ = CURRENT.try_with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            std::mem::swap(&mut *slot, context);
        }
    });
}

/// Takes the current trace along with a future that runs elsewhere, such as in `tokio::spawn`.
pub fn in_current<F: Future>(future: F) -> InCurrent<F> {
    let span = Context::map_current(|context| context.has_active_span().then(|| context.clone()));
    InCurrent { future: Some(future), scope: Scope { context: read(Clone::clone), span } }
}

pin_project! {
    /// A future that runs in the trace in which it was made.
    #[derive(Debug)]
    pub struct InCurrent<F> {
        #[pin]
        future: Option<F>,
        scope: Scope,
    }

    impl<F> PinnedDrop for InCurrent<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.scope.run(|| this.future.set(None));
        }
    }
}

impl<F: Future> Future for InCurrent<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.scope.run(|| match this.future.as_mut().as_pin_mut() {
            Some(future) => {
                let output = task::ready!(future.poll(cx));
                this.future.set(None);
                Poll::Ready(output)
            }
            // Polled after its end, which no caller may do: never ready again.
            None => Poll::Pending,
        })
    }
}

#[cfg(test)]
mod tests;
