//! Work of every shape that a request takes: tasks, sets, joins, selects, timeouts, threads, and calls to others.

use crate::telemetry::trace::{in_current, in_current_fn, ClientService, Outgoing};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body_util::Empty;
use proptest::prelude::*;
use std::{
    convert::Infallible,
    future::{pending, ready, Future, Ready},
    pin::Pin,
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc, Mutex,
    },
    thread,
    time::Duration,
};
use tokio::task::{spawn_blocking, JoinSet};
use tower::ServiceExt;
use tracing::{dispatcher, Instrument};

/// A piece of work.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A log line.
    Line,
    /// A span of `tracing` around all of it.
    Span(Vec<Shape>),
    /// A task.
    Task(Vec<Shape>),
    /// Each piece a task of a set.
    Set(Vec<Shape>),
    /// All pieces at once.
    Join(Vec<Shape>),
    /// The first that ends; the other one logs as it is dropped.
    Select(Vec<Shape>),
    /// Cut off after it, and logs as it is dropped.
    Timeout(Vec<Shape>),
    /// A task that is aborted, and logs as it is dropped.
    Abort,
    /// A thread of the runtime for what blocks.
    Blocking,
    /// A thread for what blocks that was never begun, and logs as it is dropped.
    NeverCalled,
    /// A thread.
    Thread,
    /// A call by a client with the layer.
    Call,
    /// A call by hand.
    CallByHand,
}

pub(super) fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let leaf = prop_oneof![
        Just(Shape::Line),
        Just(Shape::Abort),
        Just(Shape::Blocking),
        Just(Shape::NeverCalled),
        Just(Shape::Thread),
        Just(Shape::Call),
        Just(Shape::CallByHand),
    ];
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        let some = prop::collection::vec(inner, 1..4);
        prop_oneof![
            some.clone().prop_map(Shape::Span),
            some.clone().prop_map(Shape::Task),
            some.clone().prop_map(Shape::Set),
            some.clone().prop_map(Shape::Join),
            some.clone().prop_map(Shape::Select),
            some.prop_map(Shape::Timeout),
        ]
    });
    prop::collection::vec(tree, 1..5)
}

type Echo = fn(Request<()>) -> Ready<Result<Response<Empty<Bytes>>, Infallible>>;
pub(super) type Client = ClientService<tower::util::ServiceFn<Echo>>;

/// Answers with the headers it was sent.
pub(super) fn echo(request: Request<()>) -> Ready<Result<Response<Empty<Bytes>>, Infallible>> {
    let mut response = Response::new(Empty::new());
    *response.headers_mut() = request.into_parts().0.headers;
    ready(Ok(response))
}

/// What is expected of the work, noted down while it is done.
#[derive(Debug)]
pub(super) struct World {
    pub(super) client: Client,
    pub(super) lines: AtomicUsize,
    /// The names of spans, each with that of the one around it.
    pub(super) spans: Mutex<Vec<(String, String)>>,
    /// The headers of calls, each with the name of the span around it.
    pub(super) calls: Mutex<Vec<(HeaderMap, String)>>,
}

impl World {
    pub(super) fn new(client: Client) -> Self {
        Self { client, lines: AtomicUsize::new(0), spans: Mutex::default(), calls: Mutex::default() }
    }

    fn say(&self, within: &str) {
        self.lines.fetch_add(1, Relaxed);
        tracing::info!(within, "said");
    }

    fn begin(&self, within: &str) -> String {
        let mut spans = self.spans.lock().expect("not poisoned");
        let name = format!("span {}", spans.len());
        spans.push((name.clone(), within.to_owned()));
        name
    }

    fn sent(&self, headers: HeaderMap, within: &str) {
        self.calls.lock().expect("not poisoned").push((headers, within.to_owned()));
    }
}

/// Logs when it is dropped.
struct Witness(Arc<World>, String);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.say(&self.1);
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Does one piece after the other, within the span of this name.
pub(super) fn run(shapes: Vec<Shape>, world: Arc<World>, within: String) -> Work {
    Box::pin(async move {
        for shape in shapes {
            step(shape, &world, &within).await;
        }
    })
}

async fn step(shape: Shape, world: &Arc<World>, within: &str) {
    let witness = || Witness(Arc::clone(world), within.to_owned());
    let inner = |shapes| run(shapes, Arc::clone(world), within.to_owned());
    match shape {
        Shape::Line => world.say(within),
        Shape::Span(shapes) => {
            let name = world.begin(within);
            let span = tracing::info_span!("work", otel.name = name);
            // Where the request is not recorded there is no span, and the work is in the one of the request.
            let within = if span.is_disabled() { within.to_owned() } else { name };
            run(shapes, Arc::clone(world), within).instrument(span).await;
        }
        Shape::Task(shapes) => tokio::spawn(in_current(inner(shapes))).await.expect("no panic"),
        Shape::Set(shapes) => {
            let mut set: JoinSet<()> = shapes.into_iter().map(|shape| in_current(inner(vec![shape]))).collect();
            while let Some(ended) = set.join_next().await {
                ended.expect("no panic");
            }
        }
        Shape::Join(shapes) => {
            let all = shapes.into_iter().map(|shape| inner(vec![shape]));
            futures_util::future::join_all(all).await;
        }
        Shape::Select(shapes) => tokio::select! {
            biased;
            () = never(witness()) => {}
            () = inner(shapes) => {}
        },
        Shape::Timeout(shapes) => {
            inner(shapes).await;
            assert!(tokio::time::timeout(Duration::from_millis(1), never(witness())).await.is_err());
        }
        Shape::Abort => {
            let task = tokio::spawn(in_current(never(witness())));
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.expect_err("aborted").is_cancelled());
        }
        Shape::Blocking | Shape::Thread | Shape::NeverCalled => on_a_thread(&shape, witness()).await,
        Shape::Call => {
            let request = Request::get("http://other/").body(()).expect("a request");
            let response = world.client.clone().oneshot(request).await.expect("an answer");
            world.sent(response.headers().clone(), within);
        }
        Shape::CallByHand => {
            let mut headers = HeaderMap::new();
            let mut outgoing = Outgoing::begin(&Method::PUT, "http://other/", &mut headers);
            tokio::task::yield_now().await;
            outgoing.answered(StatusCode::OK, Version::HTTP_11);
            world.sent(headers, within);
        }
    }
}

async fn never(_witness: Witness) {
    pending::<()>().await;
}

/// The subscriber of a test is its thread's own, and goes along by hand; that of a program is everywhere.
async fn on_a_thread(shape: &Shape, witness: Witness) {
    let dispatch = dispatcher::get_default(Clone::clone);
    let work = in_current_fn(move || witness.0.say(&witness.1));
    match shape {
        Shape::Blocking => {
            spawn_blocking(move || dispatcher::with_default(&dispatch, work)).await.expect("no panic");
        }
        Shape::Thread => {
            thread::spawn(move || dispatcher::with_default(&dispatch, work)).join().expect("no panic");
        }
        _ => thread::spawn(move || dispatcher::with_default(&dispatch, || drop(work))).join().expect("no panic"),
    }
}
