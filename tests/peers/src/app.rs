//! The application: one route, one log line.

use axum::{body::Body, extract::Path, routing::get, Router};
use http::{header, Request};
use http_body_util::BodyExt;
use std::{hint::black_box, str::FromStr};
use tower::Service;

/// As every stack gets it.
pub(crate) fn routes() -> Router {
    Router::new().route("/items/{id}", get(read))
}

async fn read(Path(id): Path<u64>) -> &'static str {
    tracing::info!(name: "item.read", id, found = true, "item read");
    "an item\n"
}

/// What the caller has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The request is not recorded.
    Unrecorded,
    /// The request is recorded.
    Recorded,
}

impl Caller {
    pub(crate) const BOTH: [Self; 2] = [Self::Unrecorded, Self::Recorded];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unrecorded => "unrecorded",
            Self::Recorded => "recorded",
        }
    }

    const fn parent(self) -> &'static str {
        match self {
            Self::Unrecorded => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            Self::Recorded => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }
    }
}

impl FromStr for Caller {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::BOTH.into_iter().find(|caller| caller.name() == text).ok_or(())
    }
}

/// One request, to the end of its response.
pub(crate) async fn turn(service: &mut Router, caller: Caller) {
    let request = Request::builder()
        .uri("http://service/items/7")
        .header("traceparent", caller.parent())
        .header(header::USER_AGENT, "peers")
        .body(Body::empty())
        .expect("a request");
    let Ok(response) = service.call(black_box(request)).await;
    assert!(response.status().is_success(), "{}", response.status());
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        black_box(frame.expect("a frame").is_data());
    }
}
