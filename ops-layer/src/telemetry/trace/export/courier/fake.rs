//! For tests: collectors without a network, under a clock that stands still until all wait.

use super::{
    super::{
        answer::Answer,
        counts::{Counted, Counts},
        exporter::tests::span,
        size::estimate,
        wanted::{Flush, Wanted},
        way::Way,
    },
    Courier,
};
use bytes::Bytes;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, resource::v1::Resource};
use opentelemetry_sdk::trace::SpanData;
use ops_config::value::HttpUrl;
use prost::Message;
use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{sleep, Instant},
};

pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// What comes of a try.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    Take,
    TakeAfter(Duration),
    Reject(u64),
    Refuse,
    Later,
    LaterThan(Duration),
    Never,
    Panic,
}

/// A collector that does as it was told, and what it usually does after that.
#[derive(Debug)]
pub(super) struct Fake {
    endpoint: HttpUrl,
    resource: Resource,
    usually: Reply,
    replies: Mutex<VecDeque<Reply>>,
    /// When each try began, with the spans it brought.
    pub(super) tries: Mutex<Vec<(Instant, Vec<u64>)>>,
    /// The spans it took.
    pub(super) taken: Mutex<Vec<u64>>,
}

impl Fake {
    pub(super) fn new(replies: impl IntoIterator<Item = Reply>, usually: Reply) -> Arc<Self> {
        Arc::new(Self {
            endpoint: "http://collector:4317".parse().expect("an address"),
            resource: Resource::default(),
            usually,
            replies: Mutex::new(replies.into_iter().collect()),
            tries: Mutex::default(),
            taken: Mutex::default(),
        })
    }

    pub(super) fn taken(&self) -> Vec<u64> {
        self.taken.lock().expect("not poisoned").clone()
    }

    pub(super) fn tries(&self) -> Vec<(Instant, Vec<u64>)> {
        self.tries.lock().expect("not poisoned").clone()
    }
}

impl Way for Fake {
    fn endpoint(&self) -> &HttpUrl {
        &self.endpoint
    }

    fn resource(&self) -> &Resource {
        &self.resource
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }

    async fn send(&self, body: Bytes) -> Answer {
        let request = ExportTraceServiceRequest::decode(body).expect("what was encoded");
        let groups = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let id = |id: &[u8]| u64::from_be_bytes(id.try_into().expect("eight bytes"));
        let spans: Vec<_> = groups.flat_map(|group| group.spans).map(|span| id(&span.span_id)).collect();
        self.tries.lock().expect("not poisoned").push((Instant::now(), spans.clone()));
        let reply = self.replies.lock().expect("not poisoned").pop_front().unwrap_or(self.usually);
        let rejected = match reply {
            Reply::Take => 0,
            Reply::TakeAfter(time) => {
                sleep(time).await;
                0
            }
            Reply::Reject(rejected) => rejected,
            Reply::Refuse => return Answer::Refused { cause: "refused".to_owned() },
            Reply::Later => return Answer::later("later"),
            Reply::LaterThan(after) => return Answer::Later { after: Some(after), cause: "later".to_owned() },
            Reply::Never => pending().await,
            Reply::Panic => panic!("as told"),
        };
        self.taken.lock().expect("not poisoned").extend(spans);
        Answer::Taken { rejected }
    }

    fn give_up(&self) {}
}

/// A courier at work.
pub(super) struct Round {
    queue: mpsc::Sender<Box<SpanData>>,
    targets: watch::Sender<Option<Arc<Fake>>>,
    flushes: mpsc::Sender<Flush>,
    counts: Arc<Counts>,
}

impl Round {
    pub(super) fn to(target: &Arc<Fake>) -> Self {
        let (queue, spans) = mpsc::channel(4096);
        let (flushes, orders) = mpsc::channel(1);
        let (targets, seen) = watch::channel(Some(Arc::clone(target)));
        let counts = Arc::<Counts>::default();
        tokio::spawn(Courier::new(spans, Wanted::new(seen, orders), Arc::clone(&counts)).work());
        Self { queue, targets, flushes, counts }
    }

    /// Ends spans of these ids.
    pub(super) fn end(&self, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            let context =
                SpanContext::new(TraceId::from(7), SpanId::from(id), TraceFlags::SAMPLED, false, TraceState::NONE);
            let span = SpanData { span_context: context, ..span() };
            assert!(self.counts.admit(estimate(&span)));
            self.queue.try_send(Box::new(span)).expect("there is room");
        }
    }

    pub(super) fn retarget(&self, target: Option<&Arc<Fake>>) {
        self.targets.send_replace(target.cloned());
    }

    /// Has everything sent by a deadline; says how long that took.
    pub(super) async fn flush(&self, deadline: Duration) -> Duration {
        let (began, (done, wait)) = (Instant::now(), oneshot::channel());
        self.flushes.send(Flush { by: began + deadline, done }).await.expect("it listens");
        wait.await.expect("it answers");
        began.elapsed()
    }

    pub(super) fn counted(&self) -> Counted {
        self.counts.snapshot(0)
    }

    /// How many spans were dropped, and why, if for one reason only.
    pub(super) fn dropped(&self) -> Option<(&'static str, u64)> {
        let mut dropped = self.counted().dropped.into_iter().filter(|(_, spans)| *spans > 0);
        let first = dropped.next();
        assert_eq!(dropped.next(), None, "beside {first:?}");
        first
    }
}
