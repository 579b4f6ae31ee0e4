//! What must hold of the timeout, on a paused clock.

use super::{PaceError, PacedBody, ResponseFuture, TimeoutPlan, TimeoutService, Timeouts};
use crate::{
    call::sample::{call, pinned, poll_once, soon, status, Answering, Mock},
    refusal::{Fault, Refusal},
};
use bytes::Bytes;
use futures_util::stream;
use http_body::{Body, Frame};
use http_body_util::{Full, StreamBody};
use ops_config::{
    section::{LimitsConfig, Mode},
    value::Period,
};
use std::{convert::Infallible, future::poll_fn, pin::Pin, task::Poll, time::Duration};
use tokio::time::{advance, Instant};
use tower::Service;

struct Plan(TimeoutPlan);

impl AsRef<TimeoutPlan> for Plan {
    fn as_ref(&self) -> &TimeoutPlan {
        &self.0
    }
}

struct Setup {
    timeouts: Timeouts,
    mock: Mock<Full<Bytes>>,
    response: Pin<Box<ResponseFuture<Answering<Full<Bytes>>>>>,
}

/// A request that came in `ago` milliseconds before it reached the timeout of a second.
async fn request(seconds: Option<u64>, mode: Mode, ago: u64) -> Setup {
    let timeouts = Timeouts::new();
    let request_timeout = seconds.map(|seconds| Period::try_from_millis(seconds * 1000).expect("a timeout"));
    let limits = LimitsConfig { request_timeout, mode, ..LimitsConfig::default() };
    let plan = pinned(Plan(TimeoutPlan::build(&limits, &timeouts)));
    let call = call(&plan, "/");
    advance(Duration::from_millis(ago)).await;
    let mock = Mock::new();
    let response = Box::pin(TimeoutService::new(mock.clone()).call(call));
    Setup { timeouts, mock, response }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_ended_when_its_time_is_up() {
    let Setup { timeouts, response, .. } = request(Some(1), Mode::Enforce, 0).await;
    let began = Instant::now();
    assert!(matches!(soon(response).await, Err(Fault::Refused(Refusal::Timeout))));
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert_eq!((timeouts.snapshot().refused, timeouts.snapshot().would_refuse), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn time_spent_in_outer_layers_counts() {
    let Setup { response, .. } = request(Some(1), Mode::Enforce, 400).await;
    let began = Instant::now();
    assert!(soon(response).await.is_err());
    assert_eq!(began.elapsed(), Duration::from_millis(600));
}

/// Feature: production-excellence, Property 23: what the call holds is given back with the answer,
/// not when somebody drops it.
#[tokio::test(start_paused = true)]
async fn the_call_ends_with_its_time() {
    let Setup { mut response, mock, .. } = request(Some(1), Mode::Enforce, 0).await;
    let asked = mock.next().expect("the call");
    assert!(soon(&mut response).await.is_err());
    assert!(asked.is_closed(), "the service's future is gone while the timeout's is still there");
    assert!(poll_once(&mut response).await.is_pending());
}

#[tokio::test(start_paused = true)]
async fn a_response_at_the_last_moment_is_not_thrown_away() {
    let Setup { mut response, mock, .. } = request(Some(1), Mode::Enforce, 0).await;
    assert!(poll_once(&mut response).await.is_pending());
    advance(Duration::from_secs(1)).await;
    mock.answer(Ok(status(200)));
    assert!(matches!(poll_once(&mut response).await, Poll::Ready(Ok(_))));
}

#[tokio::test(start_paused = true)]
async fn without_a_timeout_or_with_its_mode_off_nothing_ends() {
    for (seconds, mode) in [(None, Mode::Enforce), (Some(1), Mode::Off)] {
        let Setup { mut response, mock, .. } = request(seconds, mode, 0).await;
        assert!(poll_once(&mut response).await.is_pending());
        advance(Duration::from_secs(100_000)).await;
        assert!(poll_once(&mut response).await.is_pending());
        mock.answer(Ok(status(200)));
        assert!(soon(response).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn observe_counts_once_and_lets_it_go_on() {
    let Setup { timeouts, mut response, mock } = request(Some(1), Mode::Observe, 0).await;
    for _ in 0..3 {
        assert!(poll_once(&mut response).await.is_pending());
        advance(Duration::from_secs(2)).await;
    }
    mock.answer(Ok(status(200)));
    assert!(soon(response).await.is_ok());
    assert_eq!((timeouts.snapshot().refused, timeouts.snapshot().would_refuse), (0, 1));
}

#[test]
fn only_an_enforced_timeout_tells_others_how_long_a_call_may_take() {
    let limits = |mode| LimitsConfig { request_timeout: Some(Period::literal(1000)), mode, ..LimitsConfig::default() };
    let answer_within = |mode| TimeoutPlan::build(&limits(mode), &Timeouts::new()).answer_within();
    assert_eq!(answer_within(Mode::Enforce), Some(Duration::from_secs(1)));
    assert_eq!([Mode::Observe, Mode::Off].map(answer_within), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_holds_is_cut_when_the_service_produces_nothing() {
    for (mode, counted) in [(Mode::Enforce, (1, 0)), (Mode::Observe, (0, 1)), (Mode::Off, (0, 0))] {
        let timeouts = Timeouts::new();
        let stream_idle_timeout = Some(Period::literal(1000));
        let limits = LimitsConfig { stream_idle_timeout, mode, ..LimitsConfig::default() };
        let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let mut body = Box::pin(PacedBody::new(never, TimeoutPlan::build(&limits, &timeouts).rest()));
        for _ in 0..3 {
            let polled = poll_fn(|cx| Poll::Ready(body.as_mut().poll_frame(cx))).await;
            let is_cut = timeouts.stalls().snapshot().cut > 0;
            assert_eq!(matches!(polled, Poll::Ready(Some(Err(PaceError::Idle)))), is_cut);
            if is_cut {
                break;
            }
            advance(Duration::from_secs(2)).await;
        }
        let seen = timeouts.stalls().snapshot();
        assert_eq!((seen.cut, seen.would_cut), counted, "{mode:?}");
    }
}
