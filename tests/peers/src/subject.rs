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

    /// So many requests to one of them, and what each took. Spans have been sent by the end.
    pub(crate) fn run(&mut self, kind: Kind, caller: Caller, requests: u64) -> Cost {
        let is_recorded = caller == Caller::Recorded && kind != Kind::Bare;
        let mut cost = Cost::default();
        let mut left = requests;
        while left > 0 {
            let some = if is_recorded { left.min(BATCH) } else { left };
            cost += self.batch(kind, caller, some, is_recorded);
            left -= some;
        }
        cost / requests
    }

    fn batch(&mut self, kind: Kind, caller: Caller, requests: u64, is_recorded: bool) -> Cost {
        let (cpu, time) = (Clock::PROCESS.now(), Clock::TIME.now());
        self.answer(kind, caller, requests);
        let time = Clock::TIME.now() - time;
        if is_recorded {
            self.spans += requests;
            if kind == Kind::Assembled {
                self.assembled.provider.force_flush().expect("the sink takes them");
            }
            self.sink.wait_for(self.spans);
        }
        Cost { cpu: Clock::PROCESS.now() - cpu, time }
    }

    /// The requests alone, on this thread.
    pub(crate) fn answer(&mut self, kind: Kind, caller: Caller, requests: u64) {
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
