//! A response on its way, over as many attempts as it takes.

use super::{again::Again, classify::Classify, error::RetryError, pushback::asked, series::Series};
use crate::{call::Attempt, clock::Moment};
use http::{request::Parts, Request, Response};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
    time::{Duration, SystemTime},
};
use tokio::time::{sleep, Sleep};
use tower::Service;

/// What the attempts of one call have in common.
pub(super) struct Course<S, B, C, A> {
    /// The service that was polled ready, for all attempts.
    pub(super) service: S,
    /// The request for the next attempt; none where there is no next one in any case.
    pub(super) kept: Option<(Parts, B)>,
    pub(super) series: Series,
    pub(super) classify: C,
    pub(super) again: A,
}

pin_project! {
    /// The response of a [`RetryService`](super::RetryService). Dropped, it ends the attempt that is under way.
    pub struct RetryFuture<S, B, C, A>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future>,
        // The end of the pause, or of the attempt.
        #[pin]
        timer: Option<Sleep>,
        // None: it passes once, and is not judged.
        course: Option<Course<S, B, C, A>>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        /// An attempt is under way.
        Called { #[pin] response: F },
        /// Until the pause is over.
        Pausing,
        /// Until the service takes another call.
        Readying,
        /// The result was given out.
        Ended,
    }
}

impl<S, B, C, A> RetryFuture<S, B, C, A>
where
    S: Service<Request<B>>,
{
    pub(super) const fn once(response: S::Future) -> Self {
        Self { state: State::Called { response }, timer: None, course: None }
    }

    pub(super) fn begin(mut course: Course<S, B, C, A>, request: Request<B>) -> Self {
        let timer = course.series.attempt_timeout().map(sleep);
        let response = course.send(request);
        Self { state: State::Called { response }, timer, course: Some(course) }
    }
}

impl<S, B, C, A> Course<S, B, C, A>
where
    S: Service<Request<B>>,
{
    fn send(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(Attempt(self.series.attempt()));
        self.service.call(request)
    }

    /// The request for the attempt that is due; a copy, as long as others may follow.
    fn request(&mut self) -> Option<Request<B>>
    where
        A: Again<B>,
    {
        let (parts, body) = self.kept.take()?;
        if !self.series.is_last() {
            // A body that was had again once is so twice, or this is the last attempt after all.
            self.kept = self.again.again(&body).map(|body| (parts.clone(), body));
        }
        Some(Request::from_parts(parts, body))
    }

    /// The pause before another attempt, if there is to be one.
    fn judge<R>(&mut self, result: &Result<Response<R>, RetryError<S::Error>>) -> Option<Duration>
    where
        C: Classify<R, S::Error>,
    {
        let now = Moment::now();
        let policy = self.series.policy();
        let is_transient = match result {
            Ok(response) => self.classify.is_transient(policy, Ok(response)),
            Err(RetryError::Inner(error)) => self.classify.is_transient(policy, Err(error)),
            Err(RetryError::TimedOut { .. }) => true,
        };
        let is_transient = is_transient || self.series.was_overdue(now);
        let headers = result.as_ref().ok().filter(|_| is_transient).map(Response::headers);
        let asked = headers.and_then(|headers| asked(headers, SystemTime::now()));
        self.series.end(is_transient, asked, now, fastrand::f64())
    }
}

impl<S, B, R, C, A> Future for RetryFuture<S, B, C, A>
where
    S: Service<Request<B>, Response = Response<R>>,
    C: Classify<R, S::Error>,
    A: Again<B>,
{
    type Output = Result<Response<R>, RetryError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let result = match this.state.as_mut().project() {
                StateProjection::Called { response } => match response.poll(cx) {
                    Poll::Ready(result) => result.map_err(RetryError::Inner),
                    Poll::Pending => ready!(overdue(this.timer.as_mut(), this.course.as_ref(), cx)),
                },
                StateProjection::Pausing => {
                    if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    let timeout = this.course.as_ref().and_then(|course| course.series.attempt_timeout());
                    this.timer.set(timeout.map(sleep));
                    this.state.set(State::Readying);
                    continue;
                }
                StateProjection::Readying => {
                    // There while the call goes on; whoever polls after its end waits for ever.
                    let Some(course) = this.course else { return Poll::Pending };
                    match course.service.poll_ready(cx) {
                        Poll::Ready(Ok(())) => {
                            let Some(request) = course.request() else { return Poll::Pending };
                            let response = course.send(request);
                            this.state.set(State::Called { response });
                            continue;
                        }
                        // A service that fails to be ready takes no call any more.
                        Poll::Ready(Err(error)) => {
                            course.series.fail();
                            this.state.set(State::Ended);
                            return Poll::Ready(Err(RetryError::Inner(error)));
                        }
                        Poll::Pending => ready!(overdue(this.timer.as_mut(), this.course.as_ref(), cx)),
                    }
                }
                StateProjection::Ended => return Poll::Pending,
            };
            let pause = this.course.as_mut().and_then(|course| course.judge(&result));
            let Some(pause) = pause else {
                this.state.set(State::Ended);
                *this.course = None;
                return Poll::Ready(result);
            };
            // Let go of before the pause: an attempt that timed out ends here, and a connection is free again.
            drop(result);
            this.state.set(State::Pausing);
            this.timer.set(Some(sleep(pause)));
        }
    }
}

/// The end of an attempt that takes too long; pending as long as it does not.
fn overdue<S, B, C, A, T, E>(
    timer: Pin<&mut Option<Sleep>>,
    course: Option<&Course<S, B, C, A>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, RetryError<E>>> {
    let (Some(timer), Some(course)) = (timer.as_pin_mut(), course) else { return Poll::Pending };
    ready!(timer.poll(cx));
    Poll::Ready(Err(RetryError::TimedOut { after: course.series.attempt_timeout().unwrap_or_default() }))
}

impl<S, B, C, A> fmt::Debug for RetryFuture<S, B, C, A>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryFuture")
            .field("series", &self.course.as_ref().map(|course| &course.series))
            .finish_non_exhaustive()
    }
}
