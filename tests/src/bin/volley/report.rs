//! What became of every request.

use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Mutex, PoisonError,
    },
};

/// So many of the worst are told with their cause.
const TOLD: usize = 5;

/// The end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The answer came, whole and right.
    Answered,
    /// An answer came, whole, and was not the one.
    Wrong,
    /// Not sent: the connection had ended, or could not take all of it.
    Unsent,
    /// HTTP/2: the service said that it has not begun it, by GOAWAY or `REFUSED_STREAM`. Any client
    /// may send it again (RFC 9113, 8.7).
    Refused,
    /// HTTP/1.1: sent on a connection that had been answered before, and no byte came back: it crossed
    /// with the end of a connection at rest. A client sends it again if it is idempotent (RFC 9112, 9.3.1).
    Crossed,
    /// The service never said a word on the connection: the kernel had let it in, and nobody took it.
    Dropped,
    /// The answer began and did not end; or, on HTTP/2, the connection ended without a word about the request.
    Cut,
}

impl End {
    const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Wrong => "wrong",
            Self::Unsent => "unsent",
            Self::Refused => "refused",
            Self::Crossed => "crossed",
            Self::Dropped => "dropped",
            Self::Cut => "cut",
        }
    }
}

/// All of it.
pub(super) struct Report {
    /// Clients that have not had an answer yet.
    waiting: AtomicUsize,
    ends: Mutex<(BTreeMap<End, u64>, Vec<String>)>,
}

impl Report {
    pub(super) fn new(clients: usize) -> Self {
        Self { waiting: clients.into(), ends: Mutex::default() }
    }

    /// A client's first answer has come.
    pub(super) fn begun(&self) {
        if self.waiting.fetch_sub(1, Relaxed) == 1 {
            let mut out = io::stdout();
            let _ = writeln!(out, "under way").and_then(|()| out.flush());
        }
    }

    pub(super) fn count(&self, end: End, why: impl FnOnce() -> String) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        *ends.0.entry(end).or_default() += 1;
        if !matches!(end, End::Answered | End::Unsent | End::Refused) && ends.1.len() < TOLD {
            ends.1.push(format!("{}: {}", end.name(), why()));
        }
    }

    /// How many ended how, and the first of those that must not be.
    pub(super) fn json(&self) -> Value {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: serde_json::Map<_, _> =
            ends.0.iter().map(|(end, count)| (end.name().to_owned(), json!(count))).collect();
        all.insert("told".to_owned(), json!(ends.1));
        Value::Object(all)
    }
}
