//! A program's own spans and log lines, through the ordinary `tracing` crate.
//!
//! Lines carry the trace of their request, sampled or not; spans become children of its span where it is
//! recorded, and cost next to nothing where it is not. Values under the names of secrets are masked.
//!
//! `cargo run -p ops-layer --example own_spans`

use axum::{extract::Path, routing::get, Router};
use ops_config::source::Sources;
use ops_layer::{telemetry::trace, telemetry::Telemetry, Ops};
use std::{error::Error, io::Write, time::Duration};
use tracing::Instrument;

mod shop;

/// Looks an item up, in a span of its own.
#[tracing::instrument(level = "info", skip_all, fields(item = id))]
async fn look_up(id: u32) -> Option<&'static str> {
    tokio::time::sleep(Duration::from_millis(1)).await;
    tracing::info!(name: "item.read", id, api_token = "tok_123", "item read");
    (id < 100).then_some("pen")
}

async fn item(Path(id): Path<u32>) -> String {
    let found = look_up(id).await;
    // Work that leaves the request takes the trace along, and a span if it wants one.
    let audit = async move { tracing::info!(name: "item.audited", id, "item audited") };
    let audited = tokio::spawn(trace::in_current(audit.instrument(tracing::info_span!("audit"))));
    let _ = audited.await;
    found.unwrap_or("nothing").to_owned()
}

/// Serves one request whose caller has a trace; what is logged goes to `log`.
async fn run(log: impl Write + Send + 'static) -> Result<(), Box<dyn Error + Send + Sync>> {
    // `Ops::start` alone does the same with standard output.
    let telemetry = Telemetry::with_output(log);
    let _ = telemetry.install();
    let file = shop::file("sampling_rate = 1.0\nlogging = { access_rate = 1.0 }")?;
    let ops = Ops::start_with(Sources::from_file(file), telemetry.clone()).await?;
    let app = Router::new().route("/items/{id}", get(item)).layer(ops.layer());
    let server = shop::serve(&ops, app).await?;
    shop::ask(server, "GET", "/items/7").await?;
    telemetry.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    run(std::io::stdout()).await
}

#[cfg(test)]
#[path = "shop/log.rs"]
mod log;

#[tokio::test]
async fn every_line_of_a_request_has_its_trace_and_no_secret() {
    let (sent, received) = log::channel();
    run(sent).await.expect("it runs");
    let lines = received.lines();
    let of = |event: &str| lines.iter().find(|line| line.event.as_deref() == Some(event)).expect("it was logged");
    let (read, audited, ended) = (of("item.read"), of("item.audited"), of("http.request"));
    assert!(read.trace_id.is_some() && read.trace_id == audited.trace_id && read.trace_id == ended.trace_id);
    assert!(read.span_id != audited.span_id && read.span_id != ended.span_id, "each within its own span");
    assert_eq!(read.fields["api_token"], "********");
}
