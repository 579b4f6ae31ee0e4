//! A response that takes its time.

use super::{Pause, LONGEST};
use axum::{body::Body, extract::Query};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use std::convert::Infallible;

const MOST_CHUNKS: u64 = 10_000;

/// How many pieces, and the pause before each.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Pieces {
    #[serde(default = "ten")]
    chunks: u64,
    #[serde(default)]
    ms: u64,
}

fn ten() -> u64 {
    10
}

/// `chunks` lines, each after `ms` milliseconds.
pub(super) async fn stream(Query(pieces): Query<Pieces>) -> Body {
    let last = pieces.chunks.min(MOST_CHUNKS);
    let pause = Pause { ms: pieces.ms.min(LONGEST) };
    Body::from_stream(stream::unfold(0, move |sent| async move {
        if sent == last {
            return None;
        }
        if pause.ms > 0 {
            pause.pass().await;
        }
        let line: Result<Bytes, Infallible> = Ok(format!("chunk {}\n", sent + 1).into());
        Some((line, sent + 1))
    }))
}
