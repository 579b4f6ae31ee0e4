//! The outermost service: one generation for the whole life of a request.

use crate::{
    call::{Call, Pinned},
    clock::Moment,
};
use http::Request;
use ops_config::live::Live;
use pin_project_lite::pin_project;
use std::{
    any::Any,
    cell::RefCell,
    fmt,
    future::Future,
    mem,
    sync::Arc,
    task::{Context, Poll},
};
use tower::Service;

type Shown = Arc<dyn Any + Send + Sync>;

thread_local! {
    /// The generation of the request that is being polled on this thread.
    static CURRENT: RefCell<Option<Shown>> = const { RefCell::new(None) };
}

/// The generation pinned for the request whose handler is running, so that the
/// service reads the configuration its own layers were judged by. None outside a
/// request, and in tasks that a handler spawned.
#[must_use]
pub fn pinned<P: Send + Sync + 'static>() -> Option<Pinned<P>> {
    let current = CURRENT.with_borrow(Option::clone)?;
    current.downcast().ok()
}

/// Pins the generation in force to each request.
#[derive(Debug)]
pub struct Pin<S, P> {
    inner: S,
    live: Live<P>,
}

impl<S, P> Pin<S, P> {
    /// Pins what `live` has in force.
    pub const fn new(inner: S, live: Live<P>) -> Self {
        Self { inner, live }
    }
}

impl<S: Clone, P> Clone for Pin<S, P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), live: self.live.clone() }
    }
}

impl<S, P, B> Service<Request<B>> for Pin<S, P>
where
    S: Service<Call<P, B>>,
    P: Send + Sync + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = PinFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Taken from the cell, not from a cached reader: hyper clones the service for every request, so a
        // cache would start stale each time, and idle connections would keep old generations alive.
        let pinned = self.live.current();
        let shown: Shown = Arc::clone(&pinned) as _;
        // The one clock read that stands for the arrival of the request.
        let call = Call { request, pinned, started: Moment::now() };
        let (shown, inner) = showing(shown, || self.inner.call(call));
        PinFuture { inner, shown }
    }
}

pin_project! {
    /// Shows the pinned generation to whatever runs inside.
    pub struct PinFuture<F> {
        #[pin]
        inner: F,
        shown: Option<Shown>,
    }
}

impl<F> fmt::Debug for PinFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinFuture").finish_non_exhaustive()
    }
}

impl<F: Future> Future for PinFuture<F> {
    type Output = F::Output;

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(shown) = this.shown.take() else { return this.inner.poll(cx) };
        let (shown, polled) = showing(shown, || this.inner.poll(cx));
        *this.shown = shown;
        polled
    }
}

/// Puts back what was shown before, also when the work panics.
struct Restore(Option<Shown>);

impl Restore {
    fn swap(&mut self) {
        CURRENT.with_borrow_mut(|current| mem::swap(current, &mut self.0));
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        self.swap();
    }
}

/// Runs `work` with a generation shown, and gives it back with the result. It is
/// moved in and out, so a poll costs no atomic operation.
fn showing<T>(shown: Shown, work: impl FnOnce() -> T) -> (Option<Shown>, T) {
    let mut restore = Restore(Some(shown));
    restore.swap();
    let result = work();
    restore.swap();
    let shown = restore.0.take();
    mem::forget(restore);
    (shown, result)
}
