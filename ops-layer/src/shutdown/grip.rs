//! Who holds a response body, and lets go of it when it makes no progress.

use super::activity::Activity;
use crate::{
    call::stall::{self, Slot},
    clock::Moment,
};
use hyper::rt::Executor;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{ready, Context, Poll},
};
use tokio::time::{sleep_until, Sleep};

/// What a connection of HTTP/1.1, or a stream of HTTP/2, knows of the body it holds: nothing while there is none
/// that must make progress.
#[derive(Debug, Default)]
pub(super) struct Grip {
    slot: Slot,
    /// When the body last made progress.
    since: Moment,
    /// In a box: made when a body was not through within one poll, which most are.
    timer: Option<Pin<Box<Sleep>>>,
    /// Of a connection: what it writes is progress, too.
    activity: Option<Arc<Activity>>,
    sent: u64,
}

impl Grip {
    /// The grip of a connection. Over HTTP/2 it holds no bodies, its streams do.
    pub(super) fn of_connection(activity: &Arc<Activity>) -> Self {
        Self { activity: Some(Arc::clone(activity)), ..Self::default() }
    }

    /// Polls what holds the body. Ready when that has ended, or is to be let go of.
    pub(super) fn poll<F: Future>(&mut self, holder: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<()> {
        if stall::holding(&mut self.slot, || holder.poll(cx)).is_ready() {
            return Poll::Ready(());
        }
        self.look();
        let Some(watch) = &self.slot else {
            self.timer = None;
            return Poll::Pending;
        };
        let due = self.since.plus(watch.rest.within);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due.instant())));
        loop {
            // It is not moved for each frame: when it is over, there may have been progress.
            ready!(timer.as_mut().poll(cx));
            if due <= Moment::now() {
                break;
            }
            timer.as_mut().reset(due.instant());
        }
        if watch.rest.is_over() {
            return Poll::Ready(());
        }
        // Counted once.
        (self.slot, self.timer) = (None, None);
        Poll::Pending
    }

    /// Takes note of what the poll has done.
    fn look(&mut self) {
        let Some(watch) = &mut self.slot else { return };
        let activity = self.activity.as_deref();
        // What was taken of a body may still wait to be sent; over HTTP/2 that is no longer the stream's.
        if watch.has_ended && !activity.is_some_and(Activity::is_blocked) {
            self.slot = None;
            return;
        }
        if watch.is_new {
            // The last response may have had longer.
            self.timer = None;
        }
        let sent = activity.map_or(0, Activity::sent);
        if watch.has_moved || sent != self.sent {
            // One look at the clock for a poll that moved something, which is a system call at least.
            self.since = Moment::now();
        }
        (watch.is_new, watch.has_moved, self.sent) = (false, false, sent);
    }
}

/// Runs the streams of HTTP/2 connections, each in a task of its own that can let go of its body: dropped, the
/// stream is reset, and the connection goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Streams;

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, stream: F) {
        drop(tokio::spawn(Stream { stream, grip: Grip::default() }));
    }
}

pin_project! {
    /// A stream and the body it holds.
    struct Stream<F> {
        #[pin]
        stream: F,
        grip: Grip,
    }
}

impl<F: Future> Future for Stream<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.grip.poll(this.stream, cx)
    }
}
