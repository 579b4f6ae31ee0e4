//! What is compared.

use crate::{
    app::{routes, turn, Caller},
    assembled::{self, Assembled},
    cost::{Clock, Cost},
    ours,
    sink::Sink,
};
use axum::Router;
use ops_layer::Ops;
use std::str::FromStr;
use tokio::runtime::Runtime;
use tracing::{subscriber::NoSubscriber, Dispatch};

/// The application, or one of the stacks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    Ours,
    Assembled,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Ours, Self::Assembled];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
            Self::Assembled => "assembled",
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}

/// All of them in one process.
#[derive(Debug)]
pub(crate) struct Subjects {
    runtime: Runtime,
    sink: Sink,
    /// Spans that were made so far.
    spans: u64,
    bare: Router,
    ours: Router,
    assembled: Assembled,
    _ops: Ops,
    _folder: tempfile::TempDir,
}

/// As many spans as each of the two keeps for later: none is dropped for want of room.
const BATCH: u64 = 2000;

impl Subjects {
    pub(crate) fn start() -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        // What sends has a thread beside the one that answers, as in a service.
        let runtime = builder.worker_threads(1).enable_all().build().expect("a runtime");
        let (sink, folder) = (Sink::start(), tempfile::tempdir().expect("a folder"));
        let (ops, ours) = ours::start(&runtime, folder.path(), sink.address);
        let assembled = assembled::start(&runtime, sink.address);
        Self { runtime, sink, spans: 0, bare: routes(), ours, assembled, _ops: ops, _folder: folder }
    }

    /// What each of so many requests to one of them takes, the sending of their spans included.
    pub(crate) fn measure(&mut self, kind: Kind, caller: Caller, requests: u64) -> Cost {
        let mut cost = Cost::default();
        for some in batches(requests) {
            let (cpu, time) = (Clock::PROCESS.now(), Clock::TIME.now());
            self.answer(kind, caller, some);
            let time = Clock::TIME.now() - time;
            self.send(kind, caller, some);
            cost += Cost { cpu: Clock::PROCESS.now() - cpu, time };
        }
        cost / requests
    }

    /// The same without a look at a clock: the one of CPU cannot be read under valgrind.
    pub(crate) fn run(&mut self, kind: Kind, caller: Caller, requests: u64) {
        for some in batches(requests) {
            self.answer(kind, caller, some);
            self.send(kind, caller, some);
        }
    }

    /// Waits until the spans of so many requests have been sent.
    fn send(&mut self, kind: Kind, caller: Caller, requests: u64) {
        if caller == Caller::Unrecorded || kind == Kind::Bare {
            return;
        }
        self.spans += requests;
        if kind == Kind::Assembled {
            self.assembled.provider.force_flush().expect("the sink takes them");
        }
        self.sink.wait_for(self.spans);
    }

    /// The requests alone, on this thread.
    fn answer(&mut self, kind: Kind, caller: Caller, requests: u64) {
        // The process has one subscriber, which is ours; the others' is this thread's while it lasts.
        let (service, dispatch) = match kind {
            Kind::Bare => (&mut self.bare, Some(Dispatch::new(NoSubscriber::default()))),
            Kind::Ours => (&mut self.ours, None),
            Kind::Assembled => (&mut self.assembled.service, Some(self.assembled.dispatch.clone())),
        };
        let _guard = dispatch.as_ref().map(tracing::dispatcher::set_default);
        self.runtime.block_on(async {
            for _ in 0..requests {
                turn(service, caller).await;
            }
        });
    }
}

/// So many, in parts of which none makes more spans than are kept.
fn batches(requests: u64) -> impl Iterator<Item = u64> {
    (0..requests).step_by(usize::try_from(BATCH).unwrap_or(usize::MAX)).map(move |done| BATCH.min(requests - done))
}
