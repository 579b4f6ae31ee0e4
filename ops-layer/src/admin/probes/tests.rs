//! Scrapes that are held up, many at once, and those that nobody waits for any more.

use super::{probe_routes, Render};
use crate::probe::{CheckError, HealthChecker, PoolPing};
use axum::{body::Body, Router};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc::{channel, Receiver, Sender},
        Arc, Mutex,
    },
    time::Duration,
};
use tokio::sync::Notify;
use tower::ServiceExt;

/// So that a test fails where it would wait for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// A page that is held up until the test lets it go on.
struct Page {
    begun: Notify,
    made: AtomicUsize,
    gate: Mutex<Receiver<()>>,
}

fn routes(render: Render) -> Router {
    let no_pools: PoolPing = Arc::new(|_| Box::pin(async { Err(CheckError::new("no pools")) }));
    probe_routes(HealthChecker::new("1.2.3", no_pools), render)
}

/// The routes over such a page, and what lets it go on.
fn held_up() -> (Router, Arc<Page>, Sender<()>) {
    let (go, gate) = channel();
    let page = Arc::new(Page { begun: Notify::new(), made: AtomicUsize::new(0), gate: Mutex::new(gate) });
    let held = Arc::clone(&page);
    let render: Render = Arc::new(move |_| {
        held.begun.notify_one();
        let _ = held.gate.lock().expect("no panic").recv_timeout(PATIENCE);
        format!("page {}\n", held.made.fetch_add(1, SeqCst))
    });
    (routes(render), page, go)
}

async fn get(routes: Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = routes.oneshot(request).await.expect("it cannot fail");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a whole body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("a text"))
}

#[tokio::test]
async fn a_probe_is_answered_in_every_form_and_never_kept() {
    let routes = routes(Arc::new(|_| String::new()));
    for (method, path, length) in [
        ("GET", "/readyz", 64),
        ("GET", "/readyz?verbose", 200),
        ("GET", "/livez?quiet", 20),
        ("HEAD", "/readyz?verbose&exclude=nobody", 0),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let response = routes.clone().oneshot(request).await.expect("it cannot fail");
        assert_eq!(response.status(), StatusCode::OK, "{method} {path}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = response.into_body().collect().await.expect("a whole body").to_bytes();
        assert!(body.len() >= length && (method == "GET" || body.is_empty()), "{method} {path}: {body:?}");
    }
    let request = Request::post("/livez").body(Body::empty()).expect("a request");
    let response = routes.oneshot(request).await.expect("it cannot fail");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// The one worker there is must not be the one that is held up.
#[tokio::test]
async fn the_probes_are_answered_while_a_scrape_is_held_up() {
    let (routes, page, go) = held_up();
    let scrape = tokio::spawn(get(routes.clone(), "/metrics"));
    page.begun.notified().await;
    for path in ["/livez", "/readyz", "/startupz"] {
        let (_, body) = get(routes.clone(), path).await;
        assert!(body.contains("\"version\":\"1.2.3\""), "{path}: {body}");
    }
    assert_eq!(page.made.load(SeqCst), 0, "the scrape waits still");
    go.send(()).expect("it waits");
    assert_eq!(scrape.await.expect("no panic"), (StatusCode::OK, "page 0\n".to_owned()));
}

#[tokio::test]
async fn one_page_is_made_at_a_time() {
    let (inside, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (seen, (_never, gate)) = (Arc::clone(&most), channel::<()>());
    let gate = Mutex::new(gate);
    let render: Render = Arc::new(move |_| {
        seen.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        // Time for another to come in, if it could.
        let _ = gate.lock().expect("no panic").recv_timeout(Duration::from_millis(20));
        inside.fetch_sub(1, SeqCst);
        String::new()
    });
    let routes = routes(render);
    let scrapes: Vec<_> = (0..6).map(|_| tokio::spawn(get(routes.clone(), "/metrics"))).collect();
    for scrape in scrapes {
        assert_eq!(scrape.await.expect("no panic").0, StatusCode::OK);
    }
    assert_eq!(most.load(SeqCst), 1);
}

#[tokio::test]
async fn a_page_that_nobody_waits_for_still_has_its_turn() {
    let (routes, page, go) = held_up();
    let given_up = tokio::spawn(get(routes.clone(), "/metrics"));
    page.begun.notified().await;
    given_up.abort();
    assert!(given_up.await.expect_err("it was given up").is_cancelled());
    let next = tokio::spawn(get(routes, "/metrics"));
    let begun = tokio::time::timeout(Duration::from_millis(50), page.begun.notified());
    assert!(begun.await.is_err(), "the page before is not made yet");
    for _ in 0..2 {
        go.send(()).expect("it waits");
    }
    assert_eq!(next.await.expect("no panic").1, "page 1\n", "made after the one before");
}

#[tokio::test]
async fn a_page_that_panics_is_an_answer_and_gives_its_turn_back() {
    let routes = routes(Arc::new(|_| std::panic::resume_unwind(Box::new("on purpose"))));
    for _ in 0..2 {
        assert_eq!(get(routes.clone(), "/metrics").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
