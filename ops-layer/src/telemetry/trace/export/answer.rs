//! What came of one try to send a batch.

use std::{error::Error, time::Duration};

/// What came of one try. Causes are in words of ours or of the system's: what a collector writes
/// may repeat the headers it was sent.
#[derive(Debug)]
pub(super) enum Answer {
    /// The collector took the batch, all but so many of its spans.
    Taken { rejected: u64 },
    /// It will not take this batch, however often it is sent.
    Refused { cause: String },
    /// It may take the batch later, and may have said when.
    Later { after: Option<Duration>, cause: String },
}

impl Answer {
    pub(super) fn later(cause: impl Into<String>) -> Self {
        Self::Later { after: None, cause: cause.into() }
    }

    /// Nothing came back, or not all of it.
    pub(super) fn lost(error: &(dyn Error + 'static)) -> Self {
        Self::later(root(error).to_string())
    }

    /// From what OTLP's partial success says: a number below zero is nobody's.
    pub(super) fn taken(rejected: Option<i64>) -> Self {
        Self::Taken { rejected: rejected.and_then(|spans| u64::try_from(spans).ok()).unwrap_or(0) }
    }
}

/// The innermost cause: the layers above it say no more than that something was the matter below.
fn root<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}
