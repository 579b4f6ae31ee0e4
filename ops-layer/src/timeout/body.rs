//! A response body that must make progress.

use crate::call::stall::{self, Rest};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tokio::time::{sleep, Sleep};

pin_project! {
    /// A body that is cut when it makes no progress for too long. It says how it fares to who holds it; where
    /// nobody does, it has a timer of its own while the service produces nothing.
    #[derive(Debug)]
    pub struct PacedBody<B> {
        #[pin]
        body: B,
        pace: Option<Pace>,
    }

    impl<B> PinnedDrop for PacedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if this.project().pace.take().is_some_and(|pace| pace.is_held) {
                stall::ended();
            }
        }
    }
}

#[derive(Debug)]
struct Pace {
    rest: Rest,
    /// Whoever polls the body is told, and sees also a client that does not read.
    is_held: bool,
    /// In a box: few bodies ever need it, and it would make every body larger by a hundred bytes.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B: Body> PacedBody<B> {
    /// None: it may rest as long as it likes. So may one that has ended already.
    pub(super) fn new(body: B, rest: Option<Rest>) -> Self {
        let rest = rest.filter(|_| !body.is_end_stream());
        let pace = rest.map(|rest| Pace { is_held: stall::began(&rest), rest, timer: None });
        Self { body, pace }
    }
}

impl<B: Body> Body for PacedBody<B> {
    type Data = B::Data;
    type Error = PaceError<B::Error>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, Self::Error>>> {
        let mut this = self.project();
        let polled = this.body.as_mut().poll_frame(cx).map_err(PaceError::Inner);
        let Some(pace) = this.pace else { return polled };
        if let Poll::Ready(frame) = &polled {
            let has_ended = !matches!(frame, Some(Ok(_))) || this.body.is_end_stream();
            pace.timer = None;
            match (pace.is_held, has_ended) {
                (true, true) => stall::ended(),
                (true, false) => stall::progressed(),
                (false, _) => {}
            }
            if has_ended {
                *this.pace = None;
            }
            return polled;
        }
        if !pace.is_held {
            let within = pace.rest.within;
            ready!(pace.timer.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx));
            let is_cut = pace.rest.is_over();
            *this.pace = None;
            if is_cut {
                return Poll::Ready(Some(Err(PaceError::Idle)));
            }
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why a body ended before its time.
#[derive(Debug)]
pub enum PaceError<E> {
    /// The service's own error.
    Inner(E),
    /// It made no progress for as long as `limits.stream_idle_timeout` says.
    Idle,
}

impl<E: fmt::Display> fmt::Display for PaceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(error) => error.fmt(f),
            Self::Idle => f.write_str("the response made no progress"),
        }
    }
}

impl<E: std::error::Error> std::error::Error for PaceError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Inner(error) => error.source(),
            Self::Idle => None,
        }
    }
}
