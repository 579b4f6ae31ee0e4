//! The trace that the code running now belongs to.
//!
//! Each poll of a request swaps its context into a thread-local and out again,
//! so a log line finds it whether the request is sampled or not; nothing is
//! allocated for it. All that a request awaits is in its trace by that: `join!`, `select!`,
//! timeouts, streams, and what is dropped with it.
//!
//! A task or thread of its own is not: what is handed to a bare `tokio::spawn`, `JoinSet::spawn`,
//! `spawn_blocking` or `thread::spawn` belongs to no request, logs without ids, makes no spans, and begins no trace by its
//! calls. That is right for work that outlives the request and serves others too; for all else wrap
//! the future in [`in_current`], the closure in [`in_current_fn`].

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

/// The id alone, for what is kept until it is known whether anybody asks.
pub(crate) fn current_trace() -> Option<u128> {
    read(|context| u128::from_be_bytes(context.trace_id().to_bytes()))
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
    /// What is current here, to be current elsewhere.
    fn here() -> Self {
        let span = Context::map_current(|context| context.has_active_span().then(|| context.clone()));
        Self { context: read(Clone::clone), span }
    }

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

/// Takes the current trace along with a future that runs elsewhere, such as in `tokio::spawn`, where it
/// would otherwise belong to no request. What the future drops, also when it is aborted, is in the trace too.
///
/// ```
/// # async fn charge() {}
/// # async fn handle() {
/// use ops_layer::telemetry::trace::in_current;
///
/// let charged = tokio::spawn(in_current(charge()));
/// # }
/// ```
pub fn in_current<F: Future>(future: F) -> InCurrent<F> {
    InCurrent { future: Some(future), scope: Scope::here() }
}

/// Takes the current trace along with a closure that runs on another thread, such as in
/// `tokio::task::spawn_blocking`. What it holds is dropped in the trace even if it is never called.
///
/// ```
/// # fn resize() {}
/// # async fn handle() {
/// use ops_layer::telemetry::trace::in_current_fn;
///
/// let resized = tokio::task::spawn_blocking(in_current_fn(resize));
/// # }
/// ```
pub fn in_current_fn<F, R>(work: F) -> impl FnOnce() -> R
where
    F: FnOnce() -> R,
{
    let carried = Carried { work: Some(work), scope: Scope::here() };
    move || carried.call()
}

/// A closure with the trace in which it was made.
struct Carried<F> {
    work: Option<F>,
    scope: Scope,
}

impl<F> Carried<F> {
    fn call<R>(mut self) -> R
    where
        F: FnOnce() -> R,
    {
        let work = self.work.take().expect("it is taken here alone, and a call takes the whole");
        self.scope.run(work)
    }
}

impl<F> Drop for Carried<F> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.scope.run(|| drop(work));
        }
    }
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
