//! A program with a `tracing` subscriber of its own, into which ours is taken as one layer.
//!
//! Here the program counts its warnings; it might as well have a layer of another crate. What
//! `observability.logging` says still holds for the log, and a save changes it.
//!
//! `cargo run -p ops-layer --example own_subscriber`

use axum::{routing::get, Router};
use ops_config::source::Sources;
use ops_layer::{telemetry::Telemetry, Ops};
use std::{
    error::Error,
    io::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{layer::Context, prelude::*, Layer};

mod shop;

static WARNINGS: AtomicU64 = AtomicU64::new(0);

/// The program's own layer.
struct CountWarnings;

impl<S: Subscriber> Layer<S> for CountWarnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            WARNINGS.fetch_add(1, Relaxed);
        }
    }
}

/// Serves two requests that warn; how many warnings the program's own layer saw.
async fn run(telemetry: Telemetry) -> Result<u64, Box<dyn Error + Send + Sync>> {
    tracing_subscriber::registry().with(telemetry.layer()).with(CountWarnings).try_init()?;
    let ops = Ops::start_with(Sources::from_file(shop::file("")?), telemetry.clone()).await?;
    let warn = || async { tracing::warn!(name: "stock.low", left = 2, "stock is low") };
    let app = Router::new().route("/stock", get(warn)).layer(ops.layer());
    let server = shop::serve(&ops, app).await?;
    for _ in 0..2 {
        shop::ask(server, "GET", "/stock").await?;
    }
    telemetry.shutdown(Duration::from_secs(5)).await;
    Ok(WARNINGS.load(Relaxed))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let warnings = run(Telemetry::to_stdout()).await?;
    Ok(writeln!(std::io::stdout(), "{warnings} warnings")?)
}

#[cfg(test)]
#[path = "shop/log.rs"]
mod log;

#[tokio::test]
async fn both_layers_see_what_happens_and_nobody_is_told_that_logging_has_no_effect() {
    let (sent, received) = log::channel();
    assert_eq!(run(Telemetry::with_output(sent)).await.expect("it runs"), 2);
    let lines = received.lines();
    let of = |event: &str| lines.iter().filter(|line| line.event.as_deref() == Some(event)).collect::<Vec<_>>();
    let warned = of("stock.low");
    assert!(warned.len() == 2 && warned.iter().all(|line| line.trace_id.is_some()), "{lines:?}");
    assert!(of("log.left_alone").is_empty(), "{lines:?}");
}
