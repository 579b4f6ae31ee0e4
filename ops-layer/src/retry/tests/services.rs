//! Retries around a client, on a paused clock.

use super::{
    client::{status, Answer, Client, Failed},
    Rig,
};
use crate::{
    call::sample::{poll_once, soon},
    retry::{Repeatable, RetryError},
};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::time::Duration;
use tokio::time::{advance, Instant};
use tower::{Layer, ServiceExt};

type Ended = Result<Response<()>, RetryError<Failed>>;

fn request(method: &Method) -> Request<Bytes> {
    Request::builder().method(method).uri("/").body(Bytes::from_static(b"body")).expect("a request")
}

async fn send(rig: &Rig, client: &Client, request: Request<Bytes>) -> Ended {
    soon(rig.retry.layer().layer(client.clone()).oneshot(request)).await
}

/// One GET with these answers: how it ended, and how many attempts there were.
async fn get(rig: &Rig, answers: impl IntoIterator<Item = Answer>) -> (Result<u16, RetryError<Failed>>, usize) {
    let client = Client::new(answers);
    let ended = send(rig, &client, request(&Method::GET)).await;
    (ended.map(|response| response.status().as_u16()), client.attempts().len())
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_repeated_until_it_has() {
    let rig = Rig::new("");
    let client = Client::new([status(503), Answer::Error("reset"), status(200), status(500)]);
    let ended = send(&rig, &client, request(&Method::PUT)).await.expect("a response");
    assert_eq!((ended.status().as_u16(), client.attempts()), (200, vec![1, 2, 3]));
    assert_eq!(client.bodies(), vec![Bytes::from_static(b"body"); 3]);
    assert_eq!(rig.outcomes(), [("success", 1), ("failure", 1)]);
    assert_eq!(get(&rig, [status(500)]).await, (Ok(500), 1), "not one of the statuses");
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_and_the_last_result_is_the_call_s() {
    let rig = Rig::new("max_attempts = 2");
    assert_eq!(get(&rig, [status(502), status(504)]).await, (Ok(504), 2));
    let (ended, attempts) = get(&rig, [status(502), Answer::Error("reset")]).await;
    assert_eq!((ended, attempts), (Err(RetryError::Inner(Failed::Plain("reset"))), 2));
    assert_eq!(rig.outcomes(), [("failure", 2), ("no_attempts", 2)]);
}

#[tokio::test(start_paused = true)]
async fn only_what_may_be_sent_twice_is() {
    let rig = Rig::new("");
    let client = Client::new([status(503), status(503), status(200)]);
    let refused = send(&rig, &client, request(&Method::POST)).await.expect("a response");
    assert_eq!((refused.status().as_u16(), client.attempts()), (503, vec![0]));
    let mut marked = request(&Method::POST);
    marked.extensions_mut().insert(Repeatable);
    assert!(send(&rig, &client, marked).await.is_ok_and(|response| response.status().is_success()));
    assert_eq!(client.attempts(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_status_of_grpc_in_the_head_is_a_failure() {
    let told = |code| Answer::Status(200, "grpc-status", code);
    let rig = Rig::new("grpc_statuses = [\"unavailable\", \"aborted\"]");
    assert_eq!(get(&rig, [told("14"), told("10"), told("0")]).await.1, 3);
    assert_eq!(get(&rig, [told("5")]).await.1, 1);
    assert_eq!(get(&rig, [told("many")]).await.1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_time_is_given_it_or_left_alone() {
    let rig = Rig::new("max_backoff = \"5s\"");
    let begun = Instant::now();
    let asks = |seconds| Answer::Status(503, "retry-after", seconds);
    assert_eq!(get(&rig, [asks("5"), status(200)]).await, (Ok(200), 2));
    assert!(begun.elapsed() >= Duration::from_secs(5));
    assert_eq!(get(&rig, [asks("6")]).await, (Ok(503), 1));
    assert_eq!(rig.outcomes(), [("success", 1), ("pushed_back", 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_is_not_hammered() {
    let rig = Rig::new("");
    let (ended, attempts) = get(&rig, [Answer::Error("open")]).await;
    assert!(matches!(ended, Err(RetryError::Inner(Failed::Open(_)))) && attempts == 1);
    assert_eq!(rig.outcomes(), []);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_given_up() {
    let rig = Rig::new("attempt_timeout = \"2s\"\nmax_attempts = 2");
    assert_eq!(get(&rig, [Answer::Never, status(200)]).await, (Ok(200), 2));
    let after = Duration::from_secs(2);
    assert_eq!(get(&rig, [Answer::Never, Answer::Never]).await, (Err(RetryError::TimedOut { after }), 2));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_sees_little_more_than_the_calls() {
    let rig = Rig::new("budget = { ratio = 0.2, min_per_second = 0 }");
    let mut attempts = 0;
    for _ in 0..100 {
        attempts += get(&rig, [status(503), status(503), status(503)]).await.1;
    }
    assert_eq!(attempts, 120);
    let refused = rig.outcomes().into_iter().find(|(outcome, _)| *outcome == "no_budget");
    assert!(refused.is_some_and(|(_, count)| count >= 80), "{:?}", rig.outcomes());
}

#[tokio::test(start_paused = true)]
async fn off_passes_and_observe_only_counts() {
    let off = Rig::new("mode = \"off\"");
    assert_eq!((get(&off, [status(503)]).await, off.outcomes()), ((Ok(503), 1), vec![]));
    let observe =
        Rig::new("mode = \"observe\"\nattempt_timeout = \"1s\"\nbudget = { min_per_second = 1, window = \"1s\" }");
    for _ in 0..2 {
        assert_eq!(get(&observe, [status(503)]).await, (Ok(503), 1));
    }
    assert_eq!(observe.outcomes(), [("no_budget", 1), ("would_retry", 1)]);
}

/// Feature: production-excellence, Property 23: dropped at any point, a call leaves nothing behind and counts once.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_counts_what_it_did() {
    // In the first attempt, in the pause, in the second attempt.
    for (waited, attempts, expected) in
        [(0, 1, vec![]), (1, 1, vec![("cancelled", 1)]), (1200, 2, vec![("cancelled", 1)])]
    {
        let rig = Rig::new("initial_backoff = \"1s\"");
        let first = if waited == 0 { Answer::Never } else { Answer::Status(503, "retry-after", "1") };
        let client = Client::new([first, Answer::Never]);
        let mut call = Box::pin(rig.retry.layer().layer(client.clone()).oneshot(request(&Method::GET)));
        assert!(poll_once(&mut call).await.is_pending());
        advance(Duration::from_millis(waited)).await;
        assert!(poll_once(&mut call).await.is_pending());
        drop(call);
        assert_eq!((client.attempts().len(), rig.outcomes()), (attempts, expected), "{waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_within_a_retry_leaves_it_to_the_outer_one() {
    let (outer, inner) = (Rig::new("max_attempts = 2"), Rig::new("max_attempts = 5"));
    let client = Client::new((0..9).map(|_| status(503)));
    let service = outer.retry.layer().layer(inner.retry.layer().layer(client.clone()));
    assert!(soon(service.oneshot(request(&Method::GET))).await.is_ok());
    assert_eq!((client.attempts(), inner.outcomes()), (vec![1, 2], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_stream_passes_once_and_an_empty_one_is_repeated() {
    /// A body that can be read once.
    #[derive(Default)]
    struct Stream(http_body_util::Full<Bytes>);
    impl http_body::Body for Stream {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            std::pin::Pin::new(&mut self.0).poll_frame(cx)
        }
        fn is_end_stream(&self) -> bool {
            self.0.is_end_stream()
        }
    }
    impl From<Stream> for Bytes {
        fn from(_: Stream) -> Self {
            Self::new()
        }
    }
    let rig = Rig::new("");
    for (text, expected) in [("", 2), ("read once", 1)] {
        let client = Client::new([status(503), status(200)]);
        let service = rig.retry.layer().streamed().layer(client.clone());
        let request = Request::put("/").body(Stream(Bytes::from_static(text.as_bytes()).into())).expect("a request");
        assert!(soon(service.oneshot(request)).await.is_ok());
        assert_eq!(client.attempts().len(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_judges_by_its_own_lights() {
    let rig = Rig::new("");
    let client = Client::new([status(429), status(503)]);
    let layer = rig
        .retry
        .layer()
        .classify(|result: Result<&Response<()>, &Failed>| result.is_ok_and(|response| response.status() == 429));
    let ended = soon(layer.layer(client.clone()).oneshot(request(&Method::GET))).await.expect("a response");
    assert_eq!((ended.status().as_u16(), client.attempts().len()), (503, 2));
}
